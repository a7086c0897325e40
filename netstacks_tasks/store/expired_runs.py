"""Runs, and what Prefect has of them, that need not be kept any longer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.retention import BEGINNING
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.queries import query

AT_ONCE: Final = 50
"""So many runs go together: Prefect takes no more in one request."""
_RESULTS_AT_ONCE: Final = 5000


class Place(NamedTuple):
    """A run among those of its task."""

    scheduled_for: datetime
    id: UUID = UUID(int=0)


START: Final = Place(BEGINNING)


async def tasks_after(db: Database, after: UUID, limit: int) -> list[tuple[TaskId, str]]:
    """The next tasks by id, with their names."""
    rows = await _rows(db, "tasks_after", {"after": after, "limit": limit})
    return [(TaskId(row[0]), row[1]) for row in rows]


async def oldest_kept(db: Database, kept: Mapping[TaskId, int]) -> dict[TaskId, Place]:
    """The oldest run that is kept by count; tasks with fewer runs are not there."""
    values = {"tasks": list(kept), "kept": list(kept.values())}
    return {
        TaskId(row[0]): Place(row[1], row[2]) for row in await _rows(db, "oldest_kept_runs", values)
    }


async def expired_runs(
    db: Database, task_id: TaskId | None, *, kept: Place | None, before: datetime, after: Place
) -> list[Place]:
    """The next runs that may go.

    Args:
        db: the database.
        task_id: whose; None: those of deleted tasks, which no count keeps.
        kept: the oldest one that is kept by count.
        before: those that ended earlier are old enough.
        after: the last one of the portion before.
    """
    values = {**_portion(before, after), "task_id": task_id}
    if task_id is None:
        return _places(await _rows(db, "expired_runs_left", values))
    if kept is None:
        return []
    values |= {"kept_time": kept.scheduled_for, "kept_id": kept.id}
    return _places(await _rows(db, "expired_runs", values))


async def expired_logs(
    db: Database, task_id: TaskId | None, *, before: datetime, after: Place
) -> list[Place]:
    """The next runs of which nothing need be in Prefect any longer; as `expired_runs`."""
    name = "expired_logs_left" if task_id is None else "expired_logs"
    values = {**_portion(before, after), "task_id": task_id}
    return _places(await _rows(db, name, values))


async def logged(db: Database, runs: Collection[RunId]) -> set[RunId]:
    """Those of the runs whose log should be in Prefect."""
    rows = await _rows(db, "logged_runs", {"runs": list(runs)})
    return {RunId(row[0]) for row in rows}


async def delete_results(db: Database, runs: Collection[RunId]) -> None:
    """Those of runs that go, a portion at a time: of a thousand devices each there are many."""
    values = {"runs": list(runs), "limit": _RESULTS_AT_ONCE}
    while True:
        async with db.transaction() as connection:
            cursor = await connection.execute(query("delete_results"), values)
        if cursor.rowcount < _RESULTS_AT_ONCE:
            return


async def delete_runs(connection: Connection, runs: Collection[RunId]) -> int:
    """Returns how many there were."""
    cursor = await connection.execute(query("delete_runs"), {"runs": list(runs)})
    return cursor.rowcount


async def note_removed_logs(connection: Connection, runs: Collection[RunId]) -> int:
    """Prefect has nothing more of these runs; returns of how many it had."""
    cursor = await connection.execute(query("note_removed_logs"), {"runs": list(runs)})
    return cursor.rowcount


def _portion(before: datetime, after: Place) -> dict[str, Any]:
    return {
        "before": before,
        "after_time": after.scheduled_for,
        "after_id": after.id,
        "limit": AT_ONCE,
    }


def _places(rows: Sequence[Any]) -> list[Place]:
    return [Place(row[1], row[0]) for row in rows]


async def _rows(db: Database, name: str, values: Mapping[str, Any]) -> Sequence[Any]:
    async with db.connection() as connection:
        cursor = await connection.execute(query(name), values)
        return await cursor.fetchall()
