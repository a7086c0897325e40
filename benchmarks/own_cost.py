"""What a part of a program costs, told by itself: its imports are not the work."""

from __future__ import annotations

import cProfile
import json
import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Cost, run_program


@dataclass(frozen=True, slots=True)
class OwnCost:
    """What a program said that its work has cost."""

    cost: Cost
    whole: Cost
    """With its start and its imports."""
    peak: int
    """Bytes of memory that the program had at most, its children not included."""


class Meter:
    """Counts from when it is made."""

    def __init__(self) -> None:
        self._began, self._used = time.perf_counter(), _used()

    @property
    def wall(self) -> float:
        """Seconds so far."""
        return time.perf_counter() - self._began

    def tell(self, wall: float) -> None:
        """Print that so many seconds, and what this process and its ended children used."""
        told = {
            "wall": wall,
            "cpu": _used() - self._used,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
        print(json.dumps(told))


@contextmanager
def own_cost() -> Iterator[None]:
    """Print what the block has cost."""
    meter = Meter()
    yield
    meter.tell(meter.wall)


@contextmanager
def profiled(file: Path | None) -> Iterator[None]:
    """Write a profile of the block to a file, if one is given."""
    if file is None:
        yield
        return
    with cProfile.Profile() as profile:
        yield
    profile.dump_stats(file)


def run_and_hear(
    argv: Sequence[str], *, stdin: str = "", env: Mapping[str, str] | None = None
) -> OwnCost:
    """Run a program that uses `own_cost`, and hear what it says last."""
    with TemporaryDirectory() as scratch:
        output = Path(scratch) / "output"
        whole = run_program(argv, stdin=stdin, env=env, output=output)
        told = json.loads(output.read_text().splitlines()[-1])
    return OwnCost(Cost(told["wall"], told["cpu"]), whole, told["peak"])


def _used() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(kind) for kind in kinds]
    return sum(one.ru_utime + one.ru_stime for one in used)
