"""Which of the runs that the server has ready are due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

from prefect.client.schemas.responses import WorkerFlowRunResponse


class DueRuns:
    """The runs of the server's latest answer, in the order of their times.

    An answer replaces the one before it: what was deleted or put off meanwhile
    is not started.
    """

    def __init__(self) -> None:
        self._runs: list[WorkerFlowRunResponse] = []

    def replace(
        self, runs: Sequence[WorkerFlowRunResponse], *, except_for: Collection[UUID] = ()
    ) -> None:
        """Take over an answer, but for runs that were started already."""
        self._runs = sorted((run for run in runs if run.flow_run.id not in except_for), key=_time)

    def take(self, now: datetime, most: int | None = None) -> list[WorkerFlowRunResponse]:
        """The runs that are due, the longest due first; at most so many."""
        due = [run for run in self._runs if _time(run) <= now][:most]
        self._runs = self._runs[len(due) :]
        return due

    def until_next(self, now: datetime) -> float | None:
        """Seconds until a run is due; None: there is none."""
        if not self._runs:
            return None
        return max(0.0, (_time(self._runs[0]) - now).total_seconds())


def _time(run: WorkerFlowRunResponse) -> datetime:
    return run.flow_run.next_scheduled_start_time or datetime.min.replace(tzinfo=UTC)
