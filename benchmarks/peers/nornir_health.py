"""Health checks with Nornir, as a program of its own.

As its users write it: a task per host, as many threads as wanted, the log off;
ping and snmpget are programs. The login is a connection of netmiko, which opens
a terminal and checks no host key; or, leaner, one of paramiko with the host key
given beforehand.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import netmiko
import paramiko
from nornir import InitNornir
from nornir.core.inventory import Defaults, Groups, Hosts, Inventory
from nornir.core.inventory import Host as NornirHost
from nornir.core.plugins.inventory import InventoryPluginRegister
from nornir.core.task import Result, Task
from paramiko.hostkeys import HostKeyEntry

from benchmarks.fleet.device import PASSWORD, USERNAME
from benchmarks.own_cost import own_cost
from benchmarks.targets.agent import COMMUNITY
from benchmarks.targets.control import Target
from benchmarks.targets.job import ECHO_INTERVAL, ECHOES, SNMP_TRIES, HealthJob, require

_SYS_NAME: Final = "1.3.6.1.2.1.1.5.0"


class _Targets:
    """The targets; from memory, which costs less than Nornir's own from files."""

    def __init__(self, job: HealthJob) -> None:
        self._job = job

    def load(self) -> Inventory:
        hosts = {
            one.name: NornirHost(name=one.name, hostname=one.address, data={"target": one})
            for one in self._job.targets
        }
        return Inventory(hosts=Hosts(hosts), groups=Groups(), defaults=Defaults())


def _ping(target: Target, job: HealthJob) -> bool:
    each = ["-c", str(ECHOES), "-i", str(ECHO_INTERVAL), "-W", str(job.echo_timeout)]
    return _runs(["ping", "-q", "-n", *each, target.address])


def _snmp(target: Target, job: HealthJob) -> bool:
    tries = ["-t", str(job.snmp_timeout), "-r", str(SNMP_TRIES - 1)]
    agent = f"{target.address}:{job.snmp_port}"
    return _runs(["snmpget", "-v2c", "-c", COMMUNITY, *tries, "-On", agent, _SYS_NAME])


def _runs(program: list[str]) -> bool:
    return subprocess.run(program, capture_output=True, check=False).returncode == 0


def _netmiko(target: Target, job: HealthJob) -> bool:
    try:
        netmiko.ConnectHandler(
            device_type="cisco_ios",
            host=target.address,
            port=job.ssh_port,
            username=USERNAME,
            password=PASSWORD,
            conn_timeout=job.timeout,
        ).disconnect()
    except netmiko.NetmikoTimeoutException:
        return False
    return True


def _paramiko(target: Target, job: HealthJob) -> bool:
    with paramiko.SSHClient() as client:
        if target.alive:
            known = HostKeyEntry.from_line(f"[{target.address}]:{job.ssh_port} {target.host_key}")
            assert known is not None
            client.get_host_keys().add(known.hostnames[0], known.key.get_name(), known.key)
        try:
            client.connect(
                target.address,
                port=job.ssh_port,
                username=USERNAME,
                password=PASSWORD,
                timeout=job.timeout,
                allow_agent=False,
                look_for_keys=False,
            )
        except (OSError, paramiko.SSHException):
            return False
    return True


_CHECKS: Final[dict[str, Callable[[Target, HealthJob], bool]]] = {
    "ping": _ping,
    "snmp_sysname": _snmp,
}
_LOGINS: Final = {"netmiko": _netmiko, "paramiko": _paramiko}


def _check(task: Task, job: HealthJob, login: str) -> Result:
    target = task.host["target"]
    ways = _CHECKS | {"ssh": _LOGINS[login]}
    return Result(task.host, {check: ways[check](target, job) for check in job.checks})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", type=Path)
    parser.add_argument("login", choices=_LOGINS)
    arguments = parser.parse_args()
    job = HealthJob.read(arguments.job)
    InventoryPluginRegister.register("Targets", _Targets)
    with own_cost():
        nornir = InitNornir(
            inventory={"plugin": "Targets", "options": {"job": job}},
            runner={"plugin": "threaded", "options": {"num_workers": job.workers}},
            logging={"enabled": False},
        )
        results = nornir.run(task=_check, job=job, login=arguments.login)
    found = {
        (name, check): ok
        for name, result in results.items()
        for check, ok in result[0].result.items()
    }
    require(found, job)


if __name__ == "__main__":
    main()
