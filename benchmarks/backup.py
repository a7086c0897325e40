"""Backs up a simulated fleet with us and with the others, side by side.

`python -m benchmarks.backup`, or with `--full` at the size of a large group.
What each of the others does is told in `benchmarks/peers`.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.backup_bound import show_bound, show_memory
from benchmarks.backup_contestants import Bench
from benchmarks.backup_flow import show_flow_run
from benchmarks.backup_world import World, world
from benchmarks.fleet.algorithms import Age
from benchmarks.fleet.control import Fleet
from benchmarks.measuring import Contestant, Cost, compare
from benchmarks.peers import ansible_backup, rancid_backup
from netstacks_tasks.operations.parallel import Limits

_LATENCY = 1.0
_THREADS = 100
"""Of Nornir: with 200 it took more CPU and was no faster."""
_ABOUT = """\
{devices} devices, each waits {latency:g} s before the answer to `show running-config`: 1,000 lines.
Ours and Nornir take the running and the startup configuration, Ansible and RANCID the running one.
What anybody brings is compared with what was served. Ours does what its flow does, at the default
limits ({sessions} sessions): host keys are checked, texts checked and normalised, versions and
results go to PostgreSQL, files to disk. The others keep no versions, check no host key, and write
files that the disk has in its own time. Most nights nothing has changed, so they are compared with
that; a first night, when all is new, has a row of its own. Nornir has {threads} threads, Ansible
50 forks, RANCID a PAR_COUNT of 50. Ours and Nornir are counted without their imports. The database
and the devices are in nobody's figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    devices: int
    rounds: Mapping[Age, int]
    ansible: int
    """On how many devices Ansible takes part; it would take too long on all of them."""
    rancid: int
    sampled: frozenset[Age]
    """For which kinds of devices these two take part."""
    running_only: bool
    """Whether Nornir + netmiko also takes part with half of the work."""
    flow: Age | None
    """For which kind of devices a whole run of the flow is shown, too."""
    oldest: int
    """How many devices with SHA-1 alone are tried."""


_SHORT = _Size(
    devices=100,
    rounds={"modern": 2, "legacy": 1},
    ansible=6,
    rancid=20,
    sampled=frozenset({"modern"}),
    running_only=False,
    flow=None,
    oldest=0,
)
_FULL = _Size(
    devices=1000,
    rounds={"modern": 3, "legacy": 3},
    ansible=60,
    rancid=100,
    sampled=frozenset({"modern", "legacy"}),
    running_only=True,
    flow="modern",
    oldest=20,
)


async def _compete(age: Age, size: _Size, place: World, folder: Path) -> None:
    sessions = Limits().sessions
    with Fleet(size.devices, latency=0.0, age=age) as fleet:
        bench = Bench(place, fleet, folder, workers=_THREADS)
        await bench.prepare(turns=size.rounds[age] + 2)
        bench.ours()  # meets the host keys
        bench.ours()  # knows them, and waits for nobody
        first, free = bench.runs
        fleet.latency = _LATENCY
        nornir = [
            Contestant("Nornir + NAPALM", bench.nornir("napalm")),
            Contestant("Nornir + netmiko", bench.nornir("netmiko")),
        ]
        if size.running_only:
            half = bench.nornir("netmiko", sources=["running"])
            nornir.append(Contestant("Nornir + netmiko, running only", half))
        rows = compare(
            f"Backup, {age} algorithms",
            [
                Contestant("netstacks, nothing changed", bench.ours_again),
                Contestant("netstacks, every version new", bench.ours),
                *nornir,
            ],
            rounds=size.rounds[age],
            items=size.devices,
            unit="device",
        )
        show_bound(first, free, rows[1], latency=_LATENCY, sessions=sessions)
        show_memory(bench.runs)
        if age == size.flow:
            await show_flow_run(fleet, folder)
        above = Cost(rows[0].wall.median * size.devices, rows[0].cpu.median * size.devices)
        sampled = _sampled(bench, size) if age in size.sampled else []
        if sampled:
            compare(
                f"Backup, {age} algorithms, the others on a sample",
                [Contestant("netstacks, from above", lambda: above), *sampled],
                rounds=1,
                items=size.devices,
                unit="device",
            )


def _sampled(bench: Bench, size: _Size) -> list[Contestant]:
    """Those that would take too long on every device, as far as they are installed."""
    made = []
    if shutil.which(ansible_backup.PROGRAM):
        made.append(Contestant("Ansible", bench.ansible(size.ansible), size.ansible))
    if shutil.which(rancid_backup.PROGRAM):
        made.append(Contestant("RANCID", bench.rancid(size.rancid), size.rancid))
    if len(made) < 2:
        print("  Ansible or RANCID is not installed and left out (Debian: ansible, rancid)")
    return made


async def _show_oldest(devices: int, place: World, folder: Path) -> None:
    """Print who reads devices that have SHA-1 alone."""
    with Fleet(devices, latency=0.0, age="sha1") as fleet:
        bench = Bench(place, fleet, folder, workers=_THREADS)
        await bench.prepare(turns=1)
        bench.ours()
        try:
            bench.nornir("netmiko")()
        except RuntimeError as error:
            netmiko = "fails" if "no acceptable" in str(error) else "fails oddly"
        else:
            netmiko = "does, too"
    print(
        f"\n{devices} devices whose algorithms have SHA-1 alone: ours reads them all; "
        f"netmiko with paramiko {version('paramiko')} {netmiko}",
        flush=True,
    )


async def _run(size: _Size, folder: Path) -> None:
    about = {"devices": size.devices, "latency": _LATENCY, "threads": _THREADS}
    print(_ABOUT.format(**about, sessions=Limits().sessions))
    async with world(folder) as place:
        for age in size.rounds:
            await _compete(age, size, place, folder / age)
        if size.oldest:
            await _show_oldest(size.oldest, place, folder / "sha1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="1,000 devices: about 15 minutes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="netstacks-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL may run as a user of its own
        asyncio.run(_run(_FULL if arguments.full else _SHORT, folder))


if __name__ == "__main__":
    main()
