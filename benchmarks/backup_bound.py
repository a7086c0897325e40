"""How near our backup is to what the devices and the processor allow."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

from benchmarks.backup_contestants import Ours
from benchmarks.measuring import Row, Spread


def show_bound(first: Ours, free: Ours, row: Row, *, latency: float, sessions: int) -> None:
    """Print the bound, and our wall as a multiple of it.

    Args:
        first: the run that met the host keys.
        free: one that waited for no device.
        row: what was compared with the others.
        latency: of each device, in seconds.
        sessions: how many we have at a time.
    """
    devices = row.items
    cores = len(os.sched_getaffinity(0))
    waiting = math.ceil(devices / sessions) * latency
    used = {"ours": free.own.cost.cpu, "PostgreSQL": free.database_cpu, "devices": free.fleet_cpu}
    computing = sum(used.values()) / cores
    walls = [seconds * devices for seconds in (row.wall.median, row.wall.least, row.wall.most)]
    times = Spread(*(wall / max(waiting, computing) for wall in walls))
    each = ", ".join(f"{name} {seconds / devices * 1e3:.2f}" for name, seconds in used.items())
    print(
        f"  latency bound: {latency:g} s per {sessions} of {devices} devices: {waiting:.1f} s\n"
        f"  CPU limit: without latency, ms of CPU per device: {each};\n"
        f"    over {cores} cores {computing:.2f} s, ours alone {used['ours'] / cores:.2f} s\n"
        f"  our wall, {Spread(*walls)} s, is {times} times the larger of both;\n"
        f"    without latency it was {free.own.cost.wall:.2f} s\n"
        f"  the first backup, which meets the host keys, used "
        f"{first.own.cost.cpu / devices * 1e3:.2f} ms per device",
        flush=True,
    )


def show_memory(runs: Sequence[Ours]) -> None:
    """Print the most memory that our process had, and what it is to start one."""
    peak = max(run.own.peak for run in runs) / 2**20
    start = Spread.of([run.own.whole.cpu - run.own.cost.cpu for run in runs])
    print(
        f"  our process had {peak:.0f} MiB at most; its start and imports cost {start} s of CPU",
        flush=True,
    )
