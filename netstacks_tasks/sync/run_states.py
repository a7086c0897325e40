"""Prefect's flow runs -> history rows and the tasks' last runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, assert_never
from uuid import UUID

from prefect.client.schemas.objects import StateType

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.flow_runs import FlowRuns, SeenRun
from netstacks_tasks.sync.forgotten_runs import ForgottenRuns

RunState = Literal[
    "scheduled", "pending", "running", "retrying", "completed", "failed", "cancelled", "crashed"
]

# Clocks differ and a run is written a little after it ended.
_OVERLAP = timedelta(minutes=2)
_FIRST_LOOK_BACK = timedelta(days=7)
_LOST_AT_ONCE = 20


def state_of(run: SeenRun) -> RunState:  # noqa: PLR0911 - one line per state
    """The word the history uses for a flow run's state."""
    match run.state_type:
        case StateType.SCHEDULED:
            return "retrying" if run.state_name == "AwaitingRetry" else "scheduled"
        case StateType.PENDING:
            return "pending"
        case StateType.RUNNING | StateType.PAUSED | StateType.CANCELLING:
            return "running"
        case StateType.COMPLETED:
            return "completed"
        case StateType.FAILED:
            return "failed"
        case StateType.CANCELLED:
            return "cancelled"
        case StateType.CRASHED:
            return "crashed"
        case _:
            assert_never(run.state_type)


class RunStates:
    """Brings the history up to date; cheap when nothing happened."""

    def __init__(self, db: Database, flow_runs: FlowRuns) -> None:
        self._db = db
        self._flow_runs = flow_runs
        self._cursor: datetime | None = None
        self._looked: datetime | None = None
        self._lost_after = RunId(UUID(int=0))
        self._written: dict[RunId, tuple[datetime, int]] = {}
        self.forgotten = ForgottenRuns(db)

    async def refresh(self) -> list[SeenRun]:
        """One round.

        Returns:
            the runs that are under way or due.

        Raises:
            PrefectUnavailable: Prefect does not answer.
            StoreUnavailable: PostgreSQL does not answer.
        """
        began = datetime.now(UTC)
        cursor = self._cursor or await self._start()
        open_runs = await self._flow_runs.open((self._looked or cursor) - _OVERLAP)
        ended = await self._flow_runs.ended_since(cursor - _OVERLAP)
        found = {run.id: run for run in (*open_runs, *ended)}
        found |= {run.id: run for run in await self._lost(found)}
        await self._write(found.values())
        self._looked = began
        self._cursor = max([cursor, *(run.ended_at for run in ended if run.ended_at is not None)])
        self._written = {key: value for key, value in self._written.items() if key in found}
        return open_runs

    async def _lost(self, found: Collection[RunId]) -> list[SeenRun]:
        """The next few of the runs that the history has as open, and that were not found.

        They wait for long, or for a time ahead, or ended before the cursor. All of
        them get their turn: asked for at once they might keep Prefect busy.
        """
        values = {"found": list(found), "after": self._lost_after, "limit": _LOST_AT_ONCE}
        ids = [RunId(row["id"]) for row in await task_rows.fetch(self._db, "open_runs", values)]
        self._lost_after = ids[-1] if len(ids) == _LOST_AT_ONCE else RunId(UUID(int=0))
        there = await self._flow_runs.by_id(ids)
        self.forgotten.looked_for(ids, {run.id for run in there})
        return there

    async def _start(self) -> datetime:
        rows = await task_rows.fetch(self._db, "newest_end")
        newest: datetime | None = rows[0]["ended_at"]
        return newest or datetime.now(UTC) - _FIRST_LOOK_BACK

    async def _write(self, runs: Iterable[SeenRun]) -> None:
        touched: set[TaskId] = set()
        for run in runs:
            if self._written.get(run.id) == (run.state_at, run.attempts):
                continue
            await self._write_one(run)
            touched.add(run.task_id)
            self._written[run.id] = (run.state_at, run.attempts)
        if touched:
            await task_rows.execute(self._db, "last_runs", {"ids": list(touched)})

    async def _write_one(self, run: SeenRun) -> None:
        values = {
            "id": run.id,
            "task_id": run.task_id,
            "trigger": _trigger(run),
            "state": state_of(run),
            "scheduled_for": run.scheduled_for,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "attempts": run.attempts,
            "message": run.message[:4000],
        }
        if not await task_rows.execute(self._db, "update_run", values):
            await task_rows.execute(self._db, "insert_run", values)


def _trigger(run: SeenRun) -> Literal["schedule", "manual", "catch_up"]:
    if run.catch_up:
        return "catch_up"
    return "schedule" if run.scheduled else "manual"
