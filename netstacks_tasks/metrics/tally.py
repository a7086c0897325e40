"""Counts runs as they end, each of them once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from netstacks_tasks.models.ids import RunId
from netstacks_tasks.store.measures import EndedRun, FailureCount

BOUNDS: Final = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
"""Seconds; a run belongs to the first that it does not exceed."""
_OVERLAP: Final = timedelta(minutes=2)
"""Clocks differ, and a run may be written a little after it ended."""
_LONGEST: Final = timedelta(hours=1)
"""Nobody asked for longer: what ended before is in the history, and is not counted."""


class Tally:
    """Sums since this process began; a restart begins anew, as rates of counters expect."""

    def __init__(self, began: datetime) -> None:
        self._began = began
        self._looked = began
        self._open: set[RunId] = set()
        self._counted: dict[RunId, datetime] = {}
        """Those of the overlap -> when they ended."""
        self.runs: Counter[tuple[str, str]] = Counter()
        """By (type, state)."""
        self.durations: dict[str, Counter[float]] = {}
        """By type, how many belong to each bound; those beyond the last to infinity."""
        self.seconds: defaultdict[str, float] = defaultdict(float)
        """By type, of all durations together."""
        self.failures: Counter[tuple[str, str, str]] = Counter()
        """By (type, stage, cause)."""

    def since(self, now: datetime) -> datetime:
        """Runs that ended later than this are to be given to `add`."""
        return max(self._began, self._looked - _OVERLAP, now - _LONGEST)

    @property
    def watched(self) -> frozenset[RunId]:
        """Runs that were open at the last look, to be given as well if they are over."""
        return frozenset(self._open)

    def fresh(self, ended: Iterable[EndedRun]) -> list[EndedRun]:
        """Those that were not counted yet."""
        return [run for run in ended if run.id not in self._counted]

    def add(
        self,
        fresh: Sequence[EndedRun],
        failures: Iterable[FailureCount],
        still_open: Iterable[RunId],
        now: datetime,
    ) -> None:
        """Count them.

        Args:
            fresh: runs that are over and were not counted yet.
            failures: of devices in these.
            still_open: all that are not over, as they were before `fresh` was read.
            now: when that was.
        """
        for run in fresh:
            self._count(run)
        for one in failures:
            key = (one.task_type, one.stage or "unknown", one.cause or "unknown")
            self.failures[key] += one.failures
        self._counted |= {run.id: run.ended_at for run in fresh}
        self._looked = now
        keep = self.since(now)
        # One that ended long ago is only given again while it is watched.
        self._counted = {
            run_id: at for run_id, at in self._counted.items() if at > keep or run_id in self._open
        }
        self._open = set(still_open) - set(self._counted)

    def _count(self, run: EndedRun) -> None:
        self.runs[run.task_type, run.state] += 1
        if run.started_at is None or run.state == "missed":
            return
        took = max(0.0, (run.ended_at - run.started_at).total_seconds())
        bound = next((bound for bound in BOUNDS if took <= bound), float("inf"))
        self.durations.setdefault(run.task_type, Counter())[bound] += 1
        self.seconds[run.task_type] += took
