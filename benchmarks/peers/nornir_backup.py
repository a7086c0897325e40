"""A backup with Nornir and NAPALM or netmiko, as a program of its own.

As its users write it: a task per host, as many threads as wanted, the
connection closed when its host is done, the log off. Host keys are not checked:
that is how both drivers come.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path
from typing import Any

# paramiko names the old ciphers; whoever has old devices silences it.
warnings.filterwarnings("ignore", message=".*(TripleDES|FFDH|Blowfish).*")

# What the connections would import at first use is no part of the work.
import napalm.ios  # noqa: E402, F401
import netmiko  # noqa: E402, F401
from nornir import InitNornir  # noqa: E402
from nornir.core.inventory import Defaults, Groups, Hosts, Inventory  # noqa: E402
from nornir.core.inventory import Host as NornirHost  # noqa: E402
from nornir.core.plugins.inventory import InventoryPluginRegister  # noqa: E402
from nornir.core.task import Result, Task  # noqa: E402
from nornir_napalm.plugins.tasks import napalm_get  # noqa: E402
from nornir_netmiko.tasks import netmiko_send_command  # noqa: E402

from benchmarks.fleet.device import PASSWORD, USERNAME  # noqa: E402
from benchmarks.own_cost import own_cost  # noqa: E402
from benchmarks.peers.job import Job  # noqa: E402


class _FleetInventory:
    """The devices; from memory, which costs less than Nornir's own from files."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def load(self) -> Inventory:
        hosts = {
            host.name: NornirHost(
                name=host.name,
                hostname=host.address,
                port=host.port,
                username=USERNAME,
                password=PASSWORD,
                platform="ios",
            )
            for host in self._job.hosts
        }
        return Inventory(hosts=Hosts(hosts), groups=Groups(), defaults=Defaults())


def _with_napalm(task: Task, folder: Path, sources: list[str]) -> Result:
    retrieve = "all" if len(sources) > 1 else sources[0]
    got = task.run(task=napalm_get, getters=["get_config"], retrieve=retrieve)
    for source in sources:
        _save(folder, task, source, got.result["get_config"][source])
    task.host.close_connections()
    return Result(host=task.host)


def _with_netmiko(task: Task, folder: Path, sources: list[str]) -> Result:
    for source in sources:
        got = task.run(task=netmiko_send_command, command_string=f"show {source}-config")
        _save(folder, task, source, got.result)
    task.host.close_connections()
    return Result(host=task.host)


def _save(folder: Path, task: Task, source: str, text: str) -> None:
    (folder / f"{task.host.name}.{source}.cfg").write_text(text)


_WAYS: dict[str, Any] = {"napalm": _with_napalm, "netmiko": _with_netmiko}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", type=Path)
    parser.add_argument("way", choices=_WAYS)
    parser.add_argument("sources", nargs="+", choices=("startup", "running"))
    arguments = parser.parse_args()
    job = Job.read(arguments.job)
    InventoryPluginRegister.register("Fleet", _FleetInventory)
    with own_cost():
        nornir = InitNornir(
            inventory={"plugin": "Fleet", "options": {"job": job}},
            runner={"plugin": "threaded", "options": {"num_workers": job.workers}},
            logging={"enabled": False},
        )
        result = nornir.run(task=_WAYS[arguments.way], folder=job.folder, sources=arguments.sources)
    for name, failed in result.failed_hosts.items():
        print(f"{name}: {failed[0].exception!r}")
    if result.failed_hosts:
        os._exit(1)


if __name__ == "__main__":
    main()
