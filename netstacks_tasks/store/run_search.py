"""Finds runs, and notes what a run says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.runs import RunState, TaskRun
from netstacks_tasks.models.task_spec import TASK_TYPES, TaskType
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query
from netstacks_tasks.store.runs import HistoryKey, place

RUN_STATES: Final[tuple[RunState, ...]] = get_args(RunState)
_FEW: Final = 200
"""Names whose runs are looked up one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSearch:
    """Which runs; what is None does not matter."""

    task: str | None = None
    """Part of the task's name, in any case; of a deleted one, of the name it had."""
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
        "task_types": list(TASK_TYPES) if wanted.task_type is None else [wanted.task_type],
        "states": list(RUN_STATES if wanted.states is None else wanted.states),
        "since": wanted.since or "-infinity",
        "limit": wanted.limit,
        **place(wanted.before),
    }
    everything = wanted.task_type is None and wanted.states is None
    name = "history" if everything else "runs_in_states"
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        if wanted.task is not None:
            few = {"task": wanted.task, "limit": _FEW + 1}
            named = await (await cursor.execute(query("names_with_runs"), few)).fetchall()
            # Where many match, the next runs of any of them are not far.
            if len(named) <= _FEW:
                name = "runs_of_names"
                values["ids"] = [row["id"] for row in named]
                values["names"] = [row["name"] for row in named]
        await cursor.execute(query(name), values)
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
