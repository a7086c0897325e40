"""Finds runs, and notes what a run says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.runs import RunState, TaskRun
from netstacks_tasks.models.task_spec import TaskType
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query
from netstacks_tasks.store.runs import HistoryKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSearch:
    """Which runs; what is None does not matter."""

    task: str | None = None
    """Part of the task's name, in any case."""
    task_type: TaskType | None = None
    states: Sequence[RunState] | None = None
    since: datetime | None = None
    """Due then or later."""
    before: HistoryKey | None = None
    """Only runs after this place in the history."""
    limit: int = 20


async def recent_runs(db: Database, wanted: RunSearch) -> list[TaskRun]:
    """The runs that match, the latest first."""
    values = {
        "task": wanted.task,
        "task_type": wanted.task_type,
        "states": None if wanted.states is None else list(wanted.states),
        "since": wanted.since,
        "before_time": wanted.before and wanted.before.scheduled_for,
        "before_id": wanted.before and wanted.before.run_id,
        "limit": wanted.limit,
    }
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("recent_runs"), values)
        return [TaskRun(**row) for row in await cursor.fetchall()]


async def note(db: Database, run_id: RunId, about: Mapping[str, Any]) -> None:
    """Add to a run's `summary`; a key that is there already is replaced.

    Args:
        db: the database.
        run_id: which run.
        about: JSON, without secrets.

    Raises:
        NotFound: the history does not know the run.
    """
    async with db.transaction() as connection:
        values = {"id": run_id, "note": Jsonb(dict(about))}
        cursor = await connection.execute(query("note_on_run"), values)
        if not cursor.rowcount:
            raise NotFound("run", run_id)
