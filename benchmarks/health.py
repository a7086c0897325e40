"""Checks the health of targets, some of them dead, with us and with the others, side by side.

`python -m benchmarks.health`, or with `--full` at the size of a large network.
It runs in a network namespace of its own, where dead addresses swallow what is
sent to them.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import UUID

from benchmarks.backup_world import World, world
from benchmarks.health_world import fill
from benchmarks.measuring import Contestant, Cost, compare
from benchmarks.own_cost import OwnCost, run_and_hear
from benchmarks.peers import health_programs
from benchmarks.targets.control import Targets
from benchmarks.targets.job import HealthJob
from benchmarks.targets.network import enter
from netstacks_tasks.operations.parallel import Limits

_CHECKS = ("ping", "ssh", "snmp_sysname")
_PROGRAMS = ("fping", "snmpget", "ping", "xargs", "unshare", "ip")
_ABOUT = """\
{targets} targets on loopback, of which the dead ones answer nothing at all. A check may take
{timeout:g} s; a target is sent 3 echo requests, 0.2 s apart. Ours does what its flow does at the
default limits: host keys are checked, results and what went up or down go to PostgreSQL. fping
has our pace; a snmpget is a process, {workers} at a time; Nornir has {workers} threads. What
anybody finds is compared with what is there. Ours and Nornir are counted without their imports.
The database and the targets are in nobody's figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    targets: int
    timeout: float
    rounds: int
    others: Sequence[float]
    """Shares of dead targets besides the usual one."""
    nornir: Sequence[float]
    """With which shares Nornir takes part; it has to wait for the dead ones in turn."""
    leaner: bool
    """Whether ways that leave something out take part too."""


_SHORT = Size(targets=200, timeout=2.5, rounds=2, others=(0.0, 0.3), nornir=(0.1,), leaner=False)
_FULL = Size(
    targets=2000, timeout=5.0, rounds=3, others=(0.0, 0.3), nornir=(0.0, 0.1, 0.3), leaner=True
)
USUAL = 0.1


class Bench:
    """The targets, and everybody who checks them."""

    def __init__(
        self, size: Size, targets: Targets, place: World, task: UUID, folder: Path
    ) -> None:
        self._size = size
        self._targets = targets
        self._place = place
        self._task = task
        self._folder = folder
        self.runs: list[OwnCost] = []
        """Of ours, in order."""

    def job(self, *checks: str, dead: float = USUAL) -> HealthJob:
        count = self._size.targets
        return HealthJob(
            targets=self._targets.mixed(count, round(count * dead)),
            ssh_port=self._targets.ssh_port,
            snmp_port=self._targets.snmp_port,
            checks=checks,
            timeout=self._size.timeout,
            workers=Limits().sessions,
        )

    def ours(self, job: HealthJob, *options: str) -> Cost:
        told = str(job.write(self._folder / "job.json"))
        program = [sys.executable, "-W", "ignore", "-m", "benchmarks.health_ours"]
        own = run_and_hear(
            [*program, told, str(self._task), *options], stdin=f"{self._place.url}\n"
        )
        self.runs.append(own)
        return own.cost

    def nornir(self, job: HealthJob, login: str) -> Cost:
        told = str(job.write(self._folder / "job.json"))
        program = [sys.executable, "-W", "ignore", "-m", "benchmarks.peers.nornir_health"]
        return run_and_hear([*program, told, login]).cost

    def program(self, run: Callable[[HealthJob, Path], Cost], job: HealthJob) -> Cost:
        return run(job, self._folder)

    def compare(self, title: str, job: HealthJob, others: dict[str, Callable[[], Cost]]) -> None:
        compare(
            title,
            [
                Contestant("netstacks", partial(self.ours, job)),
                *(Contestant(name, measure) for name, measure in others.items()),
            ],
            rounds=self._size.rounds,
            items=len(job.targets),
            unit="target",
        )


def _compete(bench: Bench, size: Size) -> None:
    bench.ours(replace(bench.job("ssh", dead=0.0), timeout=60))  # meets the host keys
    percent = f"{USUAL:.0%} of the targets dead"
    ping, ssh, snmp = (bench.job(check) for check in _CHECKS)
    leaner: dict[str, Callable[[], Cost]] = (
        {"netstacks, not recorded": partial(bench.ours, ping, "--unrecorded")}
        if size.leaner
        else {}
    )
    fping = {"fping": partial(bench.program, health_programs.fping, ping)}
    bench.compare(f"Ping, {percent}", ping, leaner | fping)
    bench.compare(
        f"SNMP, {percent}",
        snmp,
        {"snmpget": partial(bench.program, health_programs.snmpget, snmp)},
    )
    logins = ("paramiko", "netmiko") if size.leaner else ("netmiko",)
    bench.compare(
        f"SSH, {percent}",
        ssh,
        {f"Nornir + {login}": partial(bench.nornir, ssh, login) for login in logins},
    )
    # The first is what the others are compared with.
    shares = {share: bench.job(*_CHECKS, dead=share) for share in (USUAL, *size.others)}
    ours = [
        Contestant(f"netstacks, {share:.0%} dead", partial(bench.ours, job))
        for share, job in shares.items()
    ]
    nornir = [
        Contestant(f"Nornir + netmiko, {share:.0%} dead", partial(bench.nornir, job, "netmiko"))
        for share, job in shares.items()
        if share in size.nornir
    ]
    compare(
        f"Ping, SSH and SNMP; a dead target is given up after {size.timeout:g} s",
        [*ours, *nornir],
        rounds=size.rounds,
        items=size.targets,
        unit="target",
    )
    mebibytes = max(run.peak for run in bench.runs) / 2**20
    print(f"  ours took {mebibytes:.0f} MiB of memory at most, imports included")


async def _run(size: Size, folder: Path) -> None:
    workers = Limits().sessions
    print(_ABOUT.format(targets=size.targets, timeout=size.timeout, workers=workers))
    async with world(folder) as place:
        with Targets(size.targets) as targets:
            count = size.targets
            every = [*targets.mixed(count, 0), *targets.mixed(count, count)]
            task = await fill(place.url, every, targets.ssh_port, targets.snmp_port)
            _compete(Bench(size, targets, place, task, folder), size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="2,000 targets: about 10 minutes")
    arguments = parser.parse_args()
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing:
        parser.error(
            f"{', '.join(missing)} missing: install Debian's fping, snmp, iputils-ping, iproute2"
        )
    enter("benchmarks.health", sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="netstacks-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL may run as a user of its own
        asyncio.run(_run(_FULL if arguments.full else _SHORT, folder))


if __name__ == "__main__":
    main()
