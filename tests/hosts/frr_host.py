"""A router nobody here wrote: FRR, OpenSSH and snmpd in a network namespace.

Each host has a namespace, a private mount namespace (so that its FRR, users
and SSH keys are its own) and one link to the test's namespace; `link` joins two
hosts. The addresses come from 198.18.0.0/15, which is set aside for tests of
network devices.
"""

from __future__ import annotations

import ipaddress
import itertools
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

FRR_DAEMONS = Path("/usr/lib/frr")
_numbers = itertools.count(1)
_links = itertools.count(1)
_BLOCKS = tuple(ipaddress.IPv4Network("198.18.0.0/16").subnets(new_prefix=30))
_LINKS = tuple(ipaddress.IPv4Network("198.19.0.0/16").subnets(new_prefix=30))


def missing_parts() -> str:
    """Why such a host cannot run here; empty when it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    programs = ["ip", "vtysh", "/usr/sbin/sshd", "/usr/sbin/snmpd", str(FRR_DAEMONS / "zebra")]
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    probe = subprocess.run(
        ["unshare", "--net", "--mount", "true"], capture_output=True, check=False
    )
    return "" if probe.returncode == 0 else "this machine allows no namespaces"


@dataclass(kw_only=True)
class FrrHost:
    """A running host."""

    name: str
    directory: Path
    namespace: str
    address: str
    gateway: str
    username: str = "netops"
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    community: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    auth_key: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    priv_key: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def vtysh(self, *commands: str) -> str:
        """Run vtysh commands on the host, as its own console would."""
        words = [word for command in commands for word in ("-c", command)]
        done = subprocess.run(
            [*self.inside(), "vtysh", *words], capture_output=True, text=True, check=True
        )
        return done.stdout

    def configure(self, *lines: str) -> None:
        """Change the running configuration, as an operator would."""
        self.vtysh("configure terminal", *lines)

    def run(self, *command: str) -> None:
        """Run a program on the host."""
        _run(*self.inside(), *command)

    def inside(self) -> list[str]:
        """The prefix that runs a program in the host's namespaces."""
        keeper = self.processes["zebra"].pid
        return ["nsenter", f"--target={keeper}", "--mount", "--net", "--uts", "--"]

    def stop(self, part: str) -> None:
        """Stop one daemon; the whole group, so that no child of it stays."""
        process = self.processes.pop(part)
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=10)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def frr_host(directory: Path, *, login_shell: str = "/usr/bin/vtysh") -> Iterator[FrrHost]:
    """Start a host and stop all of it at the end.

    Args:
        directory: an empty directory of the host's own.
        login_shell: the shell of the account `netops`: vtysh itself, as on a
            router, or bash, as on a Linux server that runs FRR.
    """
    number = next(_numbers)
    namespace = f"netstacks-{os.getpid()}-{number}"
    with ExitStack() as stack:
        _run("ip", "netns", "add", namespace)
        stack.callback(_run, "ip", "netns", "del", namespace)
        gateway, address = _uplink(namespace, number, stack)
        host = FrrHost(
            name=f"frr-{number}",
            directory=directory,
            namespace=namespace,
            address=address,
            gateway=gateway,
        )
        _write_files(host, login_shell)
        for part in ("zebra", "bgpd", "staticd", "sshd", "snmpd"):
            _start(host, part)
            stack.callback(_stop_if_running, host, part)
        _wait(lambda: _answers(host, 22), f"sshd of {host.name}")
        _wait(lambda: "hostname" in host.vtysh("show running-config"), f"FRR of {host.name}")
        yield host


def _stop_if_running(host: FrrHost, part: str) -> None:
    if part in host.processes:
        host.stop(part)


def link(first: FrrHost, second: FrrHost) -> tuple[str, str]:
    """Join two hosts with a cable; it goes when one of them does.

    Returns:
        The addresses of the first and the second on it, of one /30. The
        interface is called `to-<name of the other>`.
    """
    subnet = _LINKS[next(_links) % len(_LINKS)]
    names = (f"to-{second.name}", f"to-{first.name}")
    peer = ("peer", "name", names[1], "netns", second.namespace)
    _run("ip", "-n", first.namespace, "link", "add", names[0], "type", "veth", *peer)
    for host, name, address in zip((first, second), names, subnet.hosts(), strict=True):
        _bring_up(host.namespace, name, f"{address}/{subnet.prefixlen}")
    return str(subnet[1]), str(subnet[2])


def _uplink(namespace: str, number: int, stack: ExitStack) -> tuple[str, str]:
    """Join the namespace to the test's; the addresses outside and inside."""
    start = os.getpid() * 64 + number
    for block in range(start, start + len(_BLOCKS)):
        # Whoever makes the link of a block owns its addresses: other test runs
        # on this machine find the name taken.
        outside = f"nsto{block % len(_BLOCKS)}"
        command = ["ip", "link", "add", outside, "type", "veth"]
        command += ["peer", "name", "eth0", "netns", namespace]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode == 0:
            break
        if "File exists" not in made.stderr:
            raise RuntimeError(f"{' '.join(command)}: {made.stderr}")
    else:
        raise RuntimeError("every block of addresses is taken")
    stack.callback(subprocess.run, ["ip", "link", "del", outside], check=False, capture_output=True)
    subnet = _BLOCKS[block % len(_BLOCKS)]
    gateway, address = map(str, subnet.hosts())
    _run("ip", "address", "add", f"{gateway}/{subnet.prefixlen}", "dev", outside)
    _run("ip", "link", "set", outside, "up")
    _bring_up(namespace, "eth0", f"{address}/{subnet.prefixlen}")
    _run("ip", "-n", namespace, "link", "set", "lo", "up")
    return gateway, address


def _bring_up(namespace: str, interface: str, address: str) -> None:
    _run("ip", "-n", namespace, "address", "add", address, "dev", interface)
    _run("ip", "-n", namespace, "link", "set", interface, "up")


def _write_files(host: FrrHost, login_shell: str) -> None:
    top = host.directory
    for name in ("frr", "run", "ssh", "snmp", "home", "sshd-run"):
        (top / name).mkdir(parents=True)
    config = f"hostname {host.name}\n!\nrouter bgp 65001\n bgp router-id 192.0.2.1\n!\n"
    (top / "frr" / "frr.conf").write_text(config)
    (top / "frr" / "vtysh.conf").write_text("service integrated-vtysh-config\n")
    (top / "frr" / "daemons").write_text("zebra=yes\nbgpd=yes\nstaticd=yes\n")
    for name in ("frr", "run"):
        _run("chown", "-R", "frr:frr", str(top / name))
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(top / "ssh" / "host_key"))
    (top / "ssh" / "sshd_config").write_text(
        f"HostKey {top}/ssh/host_key\nPidFile none\nUsePAM no\nPasswordAuthentication yes\n"
        "AllowUsers netops\nStrictModes no\nUseDNS no\n"
    )
    _accounts(host, login_shell)
    (top / "snmp" / "snmpd.conf").write_text(
        f"agentAddress udp:161\nsysName {host.name}\nrocommunity {host.community}\n"
        f"createUser netops SHA-256 {host.auth_key} AES {host.priv_key}\nrouser netops priv\n"
    )


def _accounts(host: FrrHost, login_shell: str) -> None:
    """Private copies of the account files with the user `netops` added."""
    hashed = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"],
        input=host.password,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    home = host.directory / "home"
    user = f"netops:x:2999:2999::{home}:{login_shell}\n"
    passwd = Path("/etc/passwd").read_text() + user
    shadow = Path("/etc/shadow").read_text() + f"netops:{hashed}:19000:0:99999:7:::\n"
    groups = [
        f"{line}{'' if line.endswith(':') else ','}netops" if line.startswith("frrvty:") else line
        for line in Path("/etc/group").read_text().splitlines()
    ]
    for name, text, mode in (
        ("passwd", passwd, 0o644),
        ("shadow", shadow, 0o600),
        ("group", "\n".join([*groups, "netops:x:2999:"]) + "\n", 0o644),
    ):
        path = host.directory / name
        path.write_text(text)
        path.chmod(mode)


_COMMANDS: dict[str, list[str]] = {
    "zebra": [str(FRR_DAEMONS / "zebra"), "-u", "frr", "-g", "frr", "-s", "90000000"],
    "bgpd": [str(FRR_DAEMONS / "bgpd"), "-u", "frr", "-g", "frr"],
    "staticd": [str(FRR_DAEMONS / "staticd"), "-u", "frr", "-g", "frr"],
}


def _start(host: FrrHost, part: str) -> None:
    top = host.directory
    snmp = f"{top}/snmp"
    command = {
        "sshd": ["/usr/sbin/sshd", "-D", "-e", "-f", f"{top}/ssh/sshd_config"],
        "snmpd": ["/usr/sbin/snmpd", "-f", "-Lf", f"{snmp}/log", "-C", "-c", f"{snmp}/snmpd.conf"],
        **_COMMANDS,
    }[part]
    if part == "zebra":
        # The first process makes the private mounts that the others enter.
        mounts = " && ".join(
            [
                f"mount --bind '{top}/{source}' '{target}'"
                for source, target in (
                    ("frr", "/etc/frr"),
                    ("run", "/run/frr"),
                    ("passwd", "/etc/passwd"),
                    ("shadow", "/etc/shadow"),
                    ("group", "/etc/group"),
                    ("sshd-run", "/run/sshd"),
                )
            ]
        )
        shell = f'hostname {host.name} && {mounts} && exec "$@"'
        prefix = ["ip", "netns", "exec", host.namespace, "unshare", "--mount", "--uts"]
        prefix += ["--propagation", "private", "sh", "-c", shell, "sh"]
        for target in ("/run/frr", "/run/sshd"):
            Path(target).mkdir(exist_ok=True)
    else:
        prefix = host.inside()
    log = (top / f"{part}.out").open("wb")
    host.processes[part] = subprocess.Popen(
        [*prefix, *command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        env={**os.environ, "SNMP_PERSISTENT_DIR": f"{top}/snmp", "MIBS": ""},
    )
    log.close()
    if part == "zebra":
        _wait((top / "run" / "zebra.vty").exists, f"zebra of {host.name}")
    elif part in _COMMANDS:
        _wait((top / "run" / f"{part}.vty").exists, f"{part} of {host.name}")
        if part == "staticd":
            subprocess.run([*host.inside(), "vtysh", "-b"], check=True, capture_output=True)


def _answers(host: FrrHost, port: int) -> bool:
    try:
        with socket.create_connection((host.address, port), timeout=1):
            return True
    except OSError:
        return False


def _wait(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come up")
        time.sleep(0.1)
