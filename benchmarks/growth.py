"""How what we do grows with what there is to do.

`python -m benchmarks.growth [--full] [--plot FILE.svg]`. Work that grows as it should
costs the same for each device, target or task, however many there are; a list costs
the same whatever it is a page of. The peers are in the other benchmarks.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import backup_contestants, backup_world, health, health_world, sync_world
from benchmarks.fleet.control import Fleet
from benchmarks.targets.control import Targets
from benchmarks.targets.network import enter
from benchmarks.worker_runs import lags, worker
from netstacks_tasks.store import task_list
from netstacks_tasks.store.database import Database

_MAKE_TASKS = """
INSERT INTO tasks (id, name, task_type, cron_expression, timezone, enabled, max_retries,
                   retry_delay_seconds, timeout_seconds, missed_runs, parameters)
SELECT gen_random_uuid(), 'Backup ' || n, 'backup', n %% 60 || ' 2 * * *', 'UTC', true, 1,
       60, 600, 'skip',
       jsonb_build_object('type', 'backup', 'target_type', 'device_group',
                          'target_id', gen_random_uuid(), 'destination', 'core')
FROM generate_series(1, %s) AS n
"""
_TIMEOUT: Final = 5.0
"""Seconds until one is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many of each."""

    devices: Sequence[int]
    targets: Sequence[int]
    tasks: Sequence[int]
    runs: Sequence[int]


SHORT = Sizes(devices=(10, 300), targets=(10, 300), tasks=(10, 10000), runs=(10, 40))
FULL = Sizes(
    devices=(10, 100, 1000, 10000),
    targets=(10, 100, 1000, 10000),
    tasks=(10, 100, 1000, 10000, 100000),
    runs=(10, 100, 1000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A figure at each size."""

    name: str
    unit: str
    points: list[tuple[int, float]]

    def __str__(self) -> str:
        values = "  ".join(f"{size:,}: {value:.3g}" for size, value in self.points)
        return f"  {self.name}, {self.unit}\n    {values}"


async def backups(sizes: Sequence[int]) -> list[Curve]:
    """CPU and memory of a backup in which every version is new."""
    cpu, memory = [], []
    for size in sizes:
        with _folder() as name, Fleet(size, latency=0.0, age="modern") as fleet:
            async with backup_world.world(Path(name)) as place:
                bench = backup_contestants.Bench(place, fleet, Path(name), workers=1)
                await bench.prepare(turns=2)
                bench.ours()  # meets the host keys
                cpu.append((size, bench.ours().cpu / size * 1e3))
                memory.append((size, bench.runs[-1].own.peak / 2**20))
    return [
        Curve(name="Backup: CPU of a device", unit="ms", points=cpu),
        Curve(name="Backup: most memory, with 140 of imports", unit="MiB", points=memory),
    ]


async def checks(sizes: Sequence[int]) -> list[Curve]:
    """CPU and time of ping, SSH and SNMP, with a tenth of the targets dead."""
    cpu, wall = [], []
    for count in sizes:
        size = health.Size(
            targets=count, timeout=_TIMEOUT, rounds=1, others=(), nornir=(), leaner=False
        )
        dead = round(count * health.USUAL)
        # Each live one takes two descriptors of the program that plays them all.
        with _folder() as name, Targets(count - dead) as targets:
            async with backup_world.world(Path(name)) as place:
                task = await health_world.fill(
                    place.url, targets.mixed(count, dead), targets.ssh_port, targets.snmp_port
                )
                bench = health.Bench(size, targets, place, task, Path(name))
                job = bench.job("ping", "ssh", "snmp_sysname")
                bench.ours(job)  # meets the host keys
                cost = bench.ours(job)
        cpu.append((count, cost.cpu / count * 1e3))
        wall.append((count, cost.wall))
    return [
        Curve(name="Health check: CPU of a target", unit="ms", points=cpu),
        Curve(name=f"Health check: time for all, dead ones {_TIMEOUT:g} s", unit="s", points=wall),
    ]


async def lists(sizes: Sequence[int]) -> list[Curve]:
    """Time of a page of the tasks, with what stands above it."""
    points = []
    for size in sizes:
        with _folder() as name:
            async with backup_world.world(Path(name)) as place, Database.open(place.url) as db:
                async with db.transaction() as connection:
                    await connection.execute(_MAKE_TASKS, [size])
                async with db.connection() as connection:
                    await connection.execute("ANALYZE")
                times = []
                for _ in range(15):
                    began = time.perf_counter()
                    await task_list.listed(db, task_list.TaskSearch())
                    await task_list.counts(db)
                    times.append(time.perf_counter() - began)
        points.append((size, statistics.median(times) * 1e3))
    return [Curve(name="A page of the tasks: its queries", unit="ms", points=points)]


async def bursts(sizes: Sequence[int]) -> list[Curve]:
    """How late the last of some runs starts that are due at the same second."""
    points = []
    with _folder() as name:
        async with sync_world.world(Path(name)):
            for size in sizes:
                async with worker("netstacks", Path(name)) as started:
                    late = await lags(await started.start_together(size, 15 + size / 10))
                points.append((size, max(late)))
    return [Curve(name="Runs due at once: the last starts after", unit="s", points=points)]


def _folder() -> tempfile.TemporaryDirectory[str]:
    made = tempfile.TemporaryDirectory(prefix="netstacks-bench-")
    Path(made.name).chmod(0o711)  # PostgreSQL may run as a user of its own
    return made


def plot(curves: Sequence[Curve], file: Path) -> None:
    """Draw each curve over the sizes."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(13, 7), layout="constrained")
    for curve, axis in zip(curves, axes.flat, strict=True):
        axis.plot(*zip(*curve.points, strict=True), marker="o", color="#1a5fb4")
        axis.set(xscale="log", title=curve.name, ylabel=curve.unit)
        axis.set_ylim(bottom=0)
        axis.grid(visible=True, alpha=0.3)
    figure.savefig(file, metadata={"Date": None})


async def main(sizes: Sizes, file: Path | None) -> None:
    """Measure, print, and draw where a file is given."""
    curves = [
        *await backups(sizes.devices),
        *await checks(sizes.targets),
        *await lists(sizes.tasks),
        *await bursts(sizes.runs),
    ]
    print("\nGrowth, by number of devices, targets, tasks and runs")
    for curve in curves:
        print(curve)
    if file is not None:
        plot(curves, file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    enter("benchmarks.growth", sys.argv[1:])
    asyncio.run(main(FULL if given.full else SHORT, given.plot))
