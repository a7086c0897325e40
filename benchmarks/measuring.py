"""Measures contestants side by side and prints ratios: machines differ, ratios hold."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that went by, and seconds of CPU that were used."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Contestant:
    """A way to do the work."""

    name: str
    measure: Callable[[], Cost]
    """Does it once."""
    items: int | None = None
    """On how many items, where it is not given as many as the others."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        median, least, most = (
            f"{value:.0f}" if value >= 1000 else f"{value:.3g}"
            for value in (self.median, self.least, self.most)
        )
        return f"{median} ({least}..{most})"


@dataclass(frozen=True, slots=True)
class Row:
    """A contestant's figures: per item, and as multiples of the first one's."""

    name: str
    items: int
    wall: Spread
    cpu: Spread
    wall_ratio: Spread
    cpu_ratio: Spread


def compare(
    title: str, contestants: Sequence[Contestant], *, rounds: int, items: int, unit: str
) -> list[Row]:
    """Let the contestants take turns, and print how they compare to the first, which is ours.

    Args:
        title: of the table.
        contestants: ours first; each does the same work.
        rounds: turns each; a ratio is made within a round, where the machine was the same.
        items: how much work a turn is.
        unit: what one item is called.
    """
    turns: list[list[Cost]] = []
    for number in range(rounds):
        costs = {}
        # Whoever comes second finds warm caches: take turns at that too.
        for one in contestants if number % 2 == 0 else reversed(contestants):
            print(f"  round {number + 1}/{rounds}: {one.name} ...", file=sys.stderr, flush=True)
            # What the one before left for the disk is not the next one's to write.
            os.sync()
            costs[one.name] = one.measure()
        turns.append([costs[one.name] for one in contestants])
    rows = [_row(one, place, turns, contestants, items) for place, one in enumerate(contestants)]
    show(title, rows, rounds=rounds, unit=unit)
    return rows


def _row(
    one: Contestant,
    place: int,
    turns: Sequence[Sequence[Cost]],
    contestants: Sequence[Contestant],
    items: int,
) -> Row:
    many = one.items or items
    first = contestants[0].items or items
    wall = [turn[place].wall / many for turn in turns]
    cpu = [turn[place].cpu / many for turn in turns]
    return Row(
        name=one.name,
        items=many,
        wall=Spread.of(wall),
        cpu=Spread.of(cpu),
        wall_ratio=Spread.of([w / (t[0].wall / first) for w, t in zip(wall, turns, strict=True)]),
        cpu_ratio=Spread.of(
            [c / max(t[0].cpu / first, 1e-9) for c, t in zip(cpu, turns, strict=True)]
        ),
    )


def show(title: str, rows: Sequence[Row], *, rounds: int, unit: str) -> None:
    """Print a table; times are milliseconds per item, medians with (least..most)."""
    print(f"\n{title}\n  medians of {rounds} rounds (least..most); times per {unit}")
    width = max(len(row.name) for row in rows)
    print(f"  {'':{width}}  {'wall ms':24} {'CPU ms':24} {'wall, x ours':22} CPU, x ours")
    for row in rows:
        wall, cpu = (
            Spread(s.median * 1e3, s.least * 1e3, s.most * 1e3) for s in (row.wall, row.cpu)
        )
        sample = f"  [{row.items} {unit}s]" if row.items != rows[0].items else ""
        print(
            f"  {row.name:{width}}  {wall!s:24} {cpu!s:24} "
            f"{row.wall_ratio!s:22} {row.cpu_ratio}{sample}"
        )
    sys.stdout.flush()


def run_program(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str = "",
    output: Path | None = None,
    expect: int = 0,
) -> Cost:
    """Run a program to its end; its cost with that of every descendant it waited for.

    Args:
        argv: the program and its arguments.
        env: its whole environment; this process's when not given.
        cwd: where it runs.
        stdin: what it reads.
        output: a file for what it prints; shown only when it fails.
        expect: the exit code it must have.

    Raises:
        RuntimeError: it ended otherwise, with the end of what it printed.
    """
    with tempfile.TemporaryDirectory() as scratch:
        said = output or Path(scratch) / "output"
        given = Path(scratch) / "input"
        given.write_text(stdin)
        with said.open("wb") as printed, given.open("rb") as reading:
            began = time.perf_counter()
            process = subprocess.Popen(
                list(argv),
                env=None if env is None else dict(env),
                cwd=cwd,
                stdin=reading,
                stdout=printed,
                stderr=subprocess.STDOUT,
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != expect:
            end = said.read_text(errors="replace")[-3000:]
            raise RuntimeError(f"{argv[0]} ended with {process.returncode}:\n{end}")
    return Cost(wall, usage.ru_utime + usage.ru_stime)
