"""Who takes part in the backup benchmark; what each brought is checked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from benchmarks.backup_world import World
from benchmarks.fleet.configuration import running, wanted
from benchmarks.fleet.control import Fleet, Host
from benchmarks.measuring import Cost
from benchmarks.own_cost import OwnCost, run_and_hear
from benchmarks.peers import ansible_backup, rancid_backup
from benchmarks.peers.job import Job

_BOTH = ("startup", "running")


@dataclass(frozen=True, slots=True)
class Ours:
    """A run of ours, and what it made others use."""

    own: OwnCost
    database_cpu: float
    fleet_cpu: float


class Bench:
    """A fleet, and everybody who backs it up."""

    def __init__(self, world: World, fleet: Fleet, folder: Path, workers: int) -> None:
        self._world = world
        self._fleet = fleet
        self._folder = folder
        self._workers = workers
        self._tasks: list[tuple[UUID, str]] = []
        self._last: tuple[UUID, str]
        self._jobs = 0
        self.runs: list[Ours] = []
        """Of ours, in order."""

    async def prepare(self, turns: int) -> None:
        """Put the fleet into the inventory, with a task for each turn of ours."""
        group = await self._world.fill(self._fleet.age, self._fleet.hosts, self._fleet.age)
        self._tasks = [await self._world.task(group) for _ in range(turns)]
        self._last = self._tasks[-1]

    def ours(self) -> Cost:
        """Take a turn of ours, of which every configuration is a new version."""
        self._last = self._tasks.pop()
        return self._ours(self._last)

    def ours_again(self) -> Cost:
        """Take a turn of ours that finds the configurations of the last one unchanged."""
        return self._ours(self._last)

    def _ours(self, task_and_destination: tuple[UUID, str]) -> Cost:
        task, destination = task_and_destination
        root = self._folder / "ours"
        database, fleet = self._world.cpu, self._fleet.cpu
        own = run_and_hear(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.backup_ours", str(task), str(root)],
            stdin=f"{self._world.url}\n",
        )
        self.runs.append(Ours(own, self._world.cpu - database, self._fleet.cpu - fleet))
        prefix = f"{self._fleet.age}-"
        _check(root / destination, self._fleet.hosts, _BOTH, prefix)
        kept = self._world.versions(destination)
        if kept != len(self._fleet.hosts) * len(_BOTH):
            raise RuntimeError(f"the history holds {kept} versions")
        return own.cost

    def nornir(self, way: str, *, sources: Sequence[str] = _BOTH) -> Callable[[], Cost]:
        """Nornir with `napalm` or `netmiko`."""

        def measure() -> Cost:
            job, scratch = self._job(f"nornir-{way}", len(self._fleet.hosts))
            job.write(scratch / "job.json")
            program = [sys.executable, "-m", "benchmarks.peers.nornir_backup"]
            own = run_and_hear([*program, str(scratch / "job.json"), way, *sources])
            _check(job.folder, job.hosts, sources)
            return own.cost

        return measure

    def ansible(self, devices: int) -> Callable[[], Cost]:
        """Ansible, on so many of the devices."""
        return self._with("ansible", ansible_backup.back_up, devices)

    def rancid(self, devices: int) -> Callable[[], Cost]:
        """RANCID, on so many of the devices."""
        return self._with("rancid", rancid_backup.back_up, devices)

    def _with(
        self, name: str, back_up: Callable[[Job, Path], OwnCost], devices: int
    ) -> Callable[[], Cost]:
        def measure() -> Cost:
            job, scratch = self._job(name, devices)
            own = back_up(job, scratch)
            _check(job.folder, job.hosts, ["running"])
            return own.cost

        return measure

    def _job(self, name: str, devices: int) -> tuple[Job, Path]:
        # Another one each time: for minutes ext4 passes by, one by one, what was freed of a disk
        # whenever it makes a file, and whoever is measured next would pay for the removal.
        self._jobs += 1
        scratch = self._folder / f"{name}-{self._jobs}"
        (scratch / "configs").mkdir(parents=True)
        job = Job(
            hosts=self._fleet.hosts[:devices],
            age=self._fleet.age,
            folder=scratch / "configs",
            workers=self._workers,
        )
        return job, scratch


def _check(folder: Path, hosts: Sequence[Host], sources: Sequence[str], prefix: str = "") -> None:
    """Every device's configurations are there, whole and as served."""
    for host in hosts:
        served = wanted(running(host.name))
        for source in sources:
            file = folder / f"{prefix}{host.name}.{source}.cfg"
            if wanted(file.read_text()) != served:
                raise RuntimeError(f"{file} is not what {host.name} has served")
