"""Read the state of two routers nobody here wrote, which really peer with each other."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.errors import DeviceError, InvalidInput
from netstacks_tasks.models.inventory import DeviceTarget
from netstacks_tasks.models.operational import BgpNeighbour, InterfaceCounters
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.frr_host import FrrHost, frr_host, link, missing_parts
from tests.integration.hosts.test_frr import target

pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.skipif(bool(missing_parts()), reason=missing_parts() or "all there"),
]
DOWN, SHUT, IN_VRF = "192.0.2.77", "192.0.2.78", "192.0.2.90"
LOST = 20
# A tunnel whose far end has no route loses what is sent into it.
TUNNEL = "id 7 remote 203.0.113.250 dstport 4789"
SEND = f"""
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for _ in range({LOST}):
    sender.sendto(b"lost", ("100.64.0.255", 9))
"""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """`shell` has a login shell, `router` has vtysh for one; each with its own address."""

    shell: FrrHost
    router: FrrHost
    shell_address: str
    router_address: str

    def each(self) -> Iterator[tuple[FrrHost, FrrHost, str]]:
        """Both, with the other and the other's address."""
        yield self.shell, self.router, self.router_address
        yield self.router, self.shell, self.shell_address


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="netstacks-frr-")))
        folder.chmod(0o755)
        shell = stack.enter_context(frr_host(folder / "a", login_shell="/bin/bash"))
        router = stack.enter_context(frr_host(folder / "b"))
        pair = Pair(
            shell=shell,
            router=router,
            **dict(zip(("shell_address", "router_address"), link(shell, router), strict=True)),
        )
        for host in (shell, router):
            host.run("ip", "link", "add", "wan0", "type", "vxlan", *TUNNEL.split())
            host.run("ip", "address", "add", "100.64.0.1/24", "dev", "wan0")
            host.run("ip", "link", "set", "wan0", "up")
            host.run(sys.executable, "-c", SEND)
        router.configure(
            "no router bgp 65001",
            "router bgp 65002",
            "bgp router-id 192.0.2.2",
            "no bgp ebgp-requires-policy",
            f"neighbor {pair.shell_address} remote-as 65001",
            "address-family ipv4 unicast",
            "redistribute static",
            "exit",
            "exit",
            "ip route 203.0.113.0/25 Null0",
            "ip route 203.0.113.128/26 Null0",
            "interface eth0",
            "description to the operators",
        )
        shell.configure(
            "interface eth0",
            "description to the operators",
            "router bgp 65001",
            "no bgp ebgp-requires-policy",
            f"neighbor {pair.router_address} remote-as 65002",
            f"neighbor {pair.router_address} description to the router",
            f"neighbor {DOWN} remote-as 65077",
            f"neighbor {SHUT} remote-as 65078",
            f"neighbor {SHUT} shutdown",
            "address-family ipv6 unicast",
            f"neighbor {pair.router_address} activate",
            "exit",
            "exit",
            "router bgp 65055 vrf blue",
            f"neighbor {IN_VRF} remote-as 65090",
        )
        yield pair


@pytest.fixture
async def access() -> AsyncIterator[DeviceAccess]:
    async with DeviceAccess(MemoryHostKeys()) as opened:
        yield opened


async def neighbours(access: DeviceAccess, wanted: DeviceTarget) -> dict[str, BgpNeighbour]:
    found = await access.state_for(wanted.device.platform).bgp_neighbours(wanted, timeout=20)
    by_address = {neighbour.address: neighbour for neighbour in found}
    assert len(by_address) == len(found)
    return by_address


async def interfaces(access: DeviceAccess, wanted: DeviceTarget) -> dict[str, InterfaceCounters]:
    found = await access.state_for(wanted.device.platform).interfaces(wanted, timeout=20)
    return {interface.name: interface for interface in found}


async def established(access: DeviceAccess, host: FrrHost, peer: str) -> dict[str, BgpNeighbour]:
    """The neighbours, once the session with the peer is up and its prefixes are exchanged."""
    for _ in range(150):
        found = await neighbours(access, target(host))
        if found[peer].up and (found[peer].prefixes_received or found[peer].prefixes_sent):
            return found
        await asyncio.sleep(0.2)
    raise AssertionError(f"never came up: {found[peer]}")


def linux(wanted: DeviceTarget) -> DeviceTarget:
    return wanted.model_copy(
        update={"device": wanted.device.model_copy(update={"platform": "linux"})}
    )


def kernel(host: FrrHost, interface: str) -> dict[str, Any]:
    """What the kernel itself has counted, read beside the code under test."""
    command = [*host.inside(), "ip", "-s", "-j", "link", "show", "dev", interface]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (shown,) = json.loads(printed)
    counted: dict[str, Any] = shown["stats64"]
    return counted


async def test_an_established_session_tells_its_prefixes(pair: Pair, access: DeviceAccess) -> None:
    at_shell = (await established(access, pair.shell, pair.router_address))[pair.router_address]
    at_router = (await established(access, pair.router, pair.shell_address))[pair.shell_address]
    assert (at_shell.state, at_shell.enabled, at_shell.vrf) == ("established", True, "default")
    assert (at_shell.local_as, at_shell.remote_as) == (65001, 65002)
    assert (at_router.local_as, at_router.remote_as) == (65002, 65001)
    assert at_shell.prefixes_received == 2
    assert at_router.prefixes_sent == 2
    assert at_shell.address_families == ("ipv4 unicast", "ipv6 unicast")
    assert at_router.address_families == ("ipv4 unicast",)
    assert at_shell.description == "to the router"
    assert at_shell.uptime_seconds is not None
    assert 0 <= at_shell.uptime_seconds < 600


async def test_a_session_that_is_down_is_told_from_one_that_is_shut(
    pair: Pair, access: DeviceAccess
) -> None:
    found = await neighbours(access, target(pair.shell))
    down, shut = found[DOWN], found[SHUT]
    assert down.state in {"active", "connect", "idle"}
    assert (down.up, down.enabled, down.remote_as) == (False, True, 65077)
    assert (shut.state, shut.up, shut.enabled) == ("idle", False, False)
    for neighbour in (down, shut):
        told = (neighbour.uptime_seconds, neighbour.prefixes_received, neighbour.prefixes_sent)
        assert told == (None, None, None)


async def test_a_session_in_a_vrf_says_so(pair: Pair, access: DeviceAccess) -> None:
    found = (await neighbours(access, target(pair.shell)))[IN_VRF]
    assert (found.vrf, found.local_as, found.remote_as, found.up) == ("blue", 65055, 65090, False)


async def test_a_cable_that_is_pulled_is_seen(pair: Pair, access: DeviceAccess) -> None:
    await established(access, pair.shell, pair.router_address)
    cable = f"to-{pair.router.name}"
    pair.shell.run("ip", "link", "set", cable, "down")
    try:
        interface = (await interfaces(access, target(pair.shell)))[cable]
        assert (interface.up, interface.enabled) == (False, False)
        for _ in range(100):
            neighbour = (await neighbours(access, target(pair.shell)))[pair.router_address]
            if not neighbour.up:
                break
            await asyncio.sleep(0.2)
        assert not neighbour.up
        assert neighbour.prefixes_received is None
    finally:
        pair.shell.run("ip", "link", "set", cable, "up")


async def test_the_kernel_counts_where_the_login_has_a_shell(
    pair: Pair, access: DeviceAccess
) -> None:
    before = kernel(pair.shell, "wan0")["tx"]["errors"]
    for wanted in (target(pair.shell), linux(target(pair.shell))):
        found = await interfaces(access, wanted)
        errors = found["wan0"].tx_errors
        assert errors is not None
        assert LOST <= before <= errors <= kernel(pair.shell, "wan0")["tx"]["errors"]
        assert found["wan0"].errors == errors
        assert (found["lo"].up, found["lo"].enabled) == (True, True)
        received = found["eth0"].rx_bytes
        assert received is not None
        assert 0 < received <= kernel(pair.shell, "eth0")["rx"]["bytes"]


async def test_the_agent_counts_where_the_login_shell_is_vtysh(
    pair: Pair, access: DeviceAccess
) -> None:
    lost = None
    for _ in range(50):  # the agent reads the kernel every few seconds
        found = await interfaces(access, target(pair.router))
        lost = found["wan0"].tx_errors
        if lost is not None and lost >= LOST and found["eth0"].rx_packets:
            break
        await asyncio.sleep(0.3)
    assert lost is not None
    assert LOST <= lost <= kernel(pair.router, "wan0")["tx"]["errors"]
    assert found["eth0"].rx_bytes is not None
    assert 0 < found["eth0"].rx_bytes <= kernel(pair.router, "eth0")["rx"]["bytes"]
    assert found["eth0"].rx_errors == 0


async def test_without_an_agent_counters_are_unknown_and_no_zeros(
    pair: Pair, access: DeviceAccess, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = target(pair.router)
    silent = wanted.credential.model_copy(update={"snmp_community": SecretStr("not this one")})
    state = access.state_for("frr")
    found = await state.interfaces(wanted.model_copy(update={"credential": silent}), timeout=6)
    (eth0,) = (interface for interface in found if interface.name == "eth0")
    assert (eth0.up, eth0.enabled, eth0.description) == (True, True, "to the operators")
    assert (eth0.rx_bytes, eth0.rx_errors, eth0.tx_errors) == (None, None, None)
    assert f"the counters of {pair.router.name} are unknown: no SNMP answer" in caplog.text
    assert "not this one" not in caplog.text


async def test_facts(pair: Pair, access: DeviceAccess) -> None:
    version = pair.shell.vtysh("show version").split()[1]
    for host in (pair.shell, pair.router):
        facts = await access.state_for("frr").facts(target(host), timeout=20)
        assert (facts.hostname, facts.vendor, facts.os_version) == (host.name, "FRRouting", version)
        assert facts.model.startswith("Linux(")
        assert (facts.uptime_seconds is None) == (host is pair.router)
    facts = await access.state_for("linux").facts(linux(target(pair.shell)), timeout=20)
    assert facts.hostname == pair.shell.name
    assert facts.os_version.startswith(facts.vendor)
    assert facts.uptime_seconds is not None
    assert 0 < facts.uptime_seconds <= time.clock_gettime(time.CLOCK_BOOTTIME)


async def test_a_linux_machine_tells_the_neighbours_of_its_frr(
    pair: Pair, access: DeviceAccess
) -> None:
    as_linux = await neighbours(access, linux(target(pair.shell)))
    as_frr = await neighbours(access, target(pair.shell))
    assert as_linux.keys() == as_frr.keys()
    assert as_linux[SHUT] == as_frr[SHUT]


async def test_commands_show_what_vtysh_shows(pair: Pair, access: DeviceAccess) -> None:
    state = access.state_for("frr")
    for host, _, peer in pair.each():
        shown = await state.show(target(host), "show  bgp summary", timeout=20)
        assert peer in shown
        assert "Neighbor" in shown
        brief = await state.show(target(host), "show interface brief", timeout=20)
        assert brief == host.vtysh("show interface brief")
        filtered = await state.show(target(host), "show interface brief | include eth0", timeout=20)
        assert filtered.splitlines() == [line for line in brief.splitlines() if "eth0" in line]


async def test_a_command_the_device_refuses_is_no_answer(pair: Pair, access: DeviceAccess) -> None:
    for host, _, _ in pair.each():
        with pytest.raises(DeviceError) as caught:
            await access.state_for("frr").show(target(host), "show isis neighbor", timeout=20)
        assert (caught.value.stage, caught.value.cause) == ("command", "bad_output")
        assert "isisd is not running" in caught.value.detail


async def test_commands_of_a_shell(pair: Pair, access: DeviceAccess) -> None:
    state, wanted = access.state_for("linux"), linux(target(pair.shell))
    assert await state.show(wanted, "hostname", timeout=20) == f"{pair.shell.name}\n"
    shown = await state.show(wanted, "ip -s link show dev wan0", timeout=20)
    assert shown.splitlines()[0].split()[1] == "wan0:"
    with pytest.raises(DeviceError) as caught:
        await state.show(wanted, "ip -s link show dev nosuch0", timeout=20)
    assert "does not exist" in caught.value.detail


@pytest.mark.parametrize(
    "command",
    [
        "show running-config",
        "show version; reload",
        "configure terminal",
        "show version | include x > /tmp/x",
        "show interface $(id)",
    ],
)
async def test_a_refused_command_never_reaches_the_device(
    pair: Pair, access: DeviceAccess, command: str
) -> None:
    for host, _, _ in pair.each():
        log = host.directory / "sshd.out"
        before = log.read_bytes()
        with pytest.raises(InvalidInput) as caught:
            await access.state_for("frr").show(target(host), command, timeout=20)
        assert caught.value.problems[0].field == "command"
        assert log.read_bytes() == before


@pytest.fixture
def lone() -> Iterator[FrrHost]:
    with tempfile.TemporaryDirectory(prefix="netstacks-frr-") as folder:
        Path(folder).chmod(0o755)
        with frr_host(Path(folder) / "host") as host:
            yield host


async def test_no_bgp_is_no_error(lone: FrrHost, access: DeviceAccess) -> None:
    wanted = target(lone)
    lone.configure("no router bgp 65001")
    assert await neighbours(access, wanted) == {}
    lone.stop("bgpd")
    assert await neighbours(access, wanted) == {}
