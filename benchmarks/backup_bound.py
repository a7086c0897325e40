"""How near our backup is to what the devices and the processor allow."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

from benchmarks.backup_contestants import Ours
from benchmarks.measuring import Spread


def show_bound(runs: Sequence[Ours], *, devices: int, latency: float, sessions: int) -> None:
    """Print the bound and our wall as a multiple of it.

    Args:
        runs: of ours: the first met the host keys, the second waited for no
            device, the others are those of the comparison.
        devices: how many there are.
        latency: of each, in seconds.
        sessions: how many we have at a time.
    """
    first, free, *timed = runs
    cores = len(os.sched_getaffinity(0))
    waiting = math.ceil(devices / sessions) * latency
    used = {"ours": free.own.cost.cpu, "PostgreSQL": free.database_cpu, "devices": free.fleet_cpu}
    computing = sum(used.values()) / cores
    bound = max(waiting, computing)
    wall = Spread.of([run.own.cost.wall for run in timed])
    times = Spread.of([run.own.cost.wall / bound for run in timed])
    each = ", ".join(f"{name} {seconds / devices * 1e3:.2f}" for name, seconds in used.items())
    peak = max(run.own.peak for run in runs) / 2**20
    print(
        f"  latency bound: {latency:g} s per {sessions} of {devices} devices: {waiting:.1f} s\n"
        f"  CPU limit: without latency, ms of CPU per device: {each};\n"
        f"    over {cores} cores {computing:.2f} s, ours alone {used['ours'] / cores:.2f} s\n"
        f"  our wall, {wall} s, is {times} times the larger of both; without latency it was "
        f"{free.own.cost.wall:.2f} s\n"
        f"  the first backup, which meets the host keys, used "
        f"{first.own.cost.cpu / devices * 1e3:.2f} ms per device\n"
        f"  our process had {peak:.0f} MiB at most; its start and imports cost "
        f"{free.own.whole.cpu - free.own.cost.cpu:.2f} s of CPU, once per process",
        flush=True,
    )
