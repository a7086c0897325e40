"""A flow run by a worker of type `netstacks`, beside Prefect's process worker.

    python -m benchmarks.worker [--full]

Both take the same runs of a flow that does nothing, from the same server. The CPU
is that of the worker and everything it started, from when it was ready; the lag is
from a run's due time to its state Running.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Cost, Row, Spread, show
from benchmarks.sync_world import World, world
from benchmarks.worker_runs import ended, lags, worker

KINDS = ("netstacks", "process")
_MADE_A_SECOND = 10
"""Runs that the server makes, at least."""
_AHEAD_SECONDS = 15.0
"""Scheduled runs are known this long before; both types look at the server more often."""
_APART_SECONDS = 5.0
"""Time for a stock run before the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much of everything."""

    rounds: int
    runs: int
    spaced: int
    planned: int
    burst: int


SHORT = Sizes(rounds=2, runs=4, spaced=10, planned=0, burst=40)
FULL = Sizes(rounds=5, runs=20, spaced=60, planned=20, burst=400)


async def main(sizes: Sizes) -> None:
    """Start the servers, and compare."""
    with tempfile.TemporaryDirectory(prefix="netstacks-bench-") as folder:
        async with world(Path(folder)) as servers:
            await _cost(Path(folder), sizes)
            await _lag(Path(folder), sizes)
            await _throughput(servers, Path(folder), sizes)


async def _cost(folder: Path, sizes: Sizes) -> None:
    turns: list[dict[str, Cost]] = []
    for number in range(sizes.rounds):
        turns.append({})
        for kind in KINDS if number % 2 == 0 else reversed(KINDS):
            print(f"  round {number + 1}/{sizes.rounds}: {kind} ...", file=sys.stderr, flush=True)
            turns[-1][kind] = await _used(kind, folder, sizes.runs)
    rows = [_row(kind, turns, sizes.runs) for kind in KINDS]
    title = f"{sizes.runs} runs of a flow that does nothing, all due at once"
    show(title, rows, rounds=sizes.rounds, unit="run")


def _row(kind: str, turns: Sequence[Mapping[str, Cost]], runs: int) -> Row:
    mine, ours = [turn[kind] for turn in turns], [turn[KINDS[0]] for turn in turns]
    return Row(
        name=kind,
        items=runs,
        wall=Spread.of([cost.wall / runs for cost in mine]),
        cpu=Spread.of([cost.cpu / runs for cost in mine]),
        wall_ratio=Spread.of([m.wall / o.wall for m, o in zip(mine, ours, strict=True)]),
        cpu_ratio=Spread.of([m.cpu / o.cpu for m, o in zip(mine, ours, strict=True)]),
    )


async def _used(kind: str, folder: Path, runs: int) -> Cost:
    async with worker(kind, folder) as started:
        began, before = time.monotonic(), started.cpu
        await lags([await started.start() for _ in range(runs)])
        wall = time.monotonic() - began
        # The last of them has told its end, and is about to end.
        await asyncio.sleep(2)
        return Cost(wall, started.cpu - before)


async def _lag(folder: Path, sizes: Sizes) -> None:
    print("\nfrom due to Running, one run at a time: seconds, median and 95th percentile (most)")
    for kind in KINDS:
        # Each of the stock worker's takes two orders of magnitude longer.
        many = sizes.spaced if kind == "netstacks" else max(sizes.spaced // 5, 2)
        async with worker(kind, folder) as started:
            asked = []
            for _ in range(many):
                asked += await lags([await started.start()])
            print(f"  {kind:10} asked for now:   {_percentiles(asked)}  [{many} runs]")
            ahead = [
                await started.start(_AHEAD_SECONDS + number * _APART_SECONDS)
                for number in range(sizes.planned)
            ]
            if ahead:
                planned = _percentiles(await lags(ahead))
                print(f"  {'':10} scheduled ahead: {planned}  [{len(ahead)} runs]")


def _percentiles(values: list[float]) -> str:
    ordered = sorted(values)
    high = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return f"{statistics.median(ordered):.2f}, {high:.2f} ({ordered[-1]:.2f})"


async def _throughput(servers: World, folder: Path, sizes: Sizes) -> None:
    async with worker("netstacks", folder) as started:
        spare = sizes.burst / _MADE_A_SECOND + _AHEAD_SECONDS
        due = time.monotonic() + spare
        ready = await started.start_together(sizes.burst, spare)
        server, before = servers.server_cpu(), started.cpu
        await ended(ready)
        wall = time.monotonic() - due
        server = servers.server_cpu() - server
        await asyncio.sleep(2)
        ours = (started.cpu - before) / sizes.burst
        late = await lags(ready)
    theirs = server / sizes.burst
    print(
        f"\n{sizes.burst} runs due at the same second, 20 at a time, everything on this machine\n"
        f"  {sizes.burst / max(late):.1f} started and {sizes.burst / wall:.1f} ended a second; the "
        f"last started {max(late):.1f} s late\n"
        f"  CPU for each run: Prefect's server {theirs * 1e3:.0f} ms, worker and run "
        f"{ours * 1e3:.0f} ms\n"
        f"  one server process is full at {1 / theirs:.1f} runs/s; with {theirs / ours:.1f} times "
        "our CPU it is the limit"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    asyncio.run(main(FULL if parser.parse_args().full else SHORT))
