"""The sync's view of the task table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from netstacks_tasks.errors import StoreUnavailable
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync.desired import Desired, TaskRow
from netstacks_tasks.sync.queries import query


async def fetch(
    db: Database, name: str, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows of one of the sync's queries."""
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query(name), parameters)
        return await cursor.fetchall()


async def execute(db: Database, name: str, parameters: Mapping[str, Any]) -> int:
    """Run one of the sync's statements; the number of rows it touched."""
    async with db.transaction() as connection:
        cursor = await connection.execute(query(name), parameters)
        return cursor.rowcount


async def installation(db: Database) -> UUID:
    """The id that marks everything of ours in Prefect.

    Raises:
        StoreUnavailable: a backup is being put back; all tasks may seem to be gone.
    """
    rows = await fetch(db, "installation")
    if not rows:
        raise StoreUnavailable("the database is not whole: a backup seems to be put back just now")
    return UUID(str(rows[0]["id"]))


async def unsynced(
    db: Database, fingerprint: str, *, without: Mapping[TaskId, int], limit: int
) -> tuple[list[TaskRow], int]:
    """Rows edited, or written under another fingerprint, since their last sync.

    Args:
        db: the task table.
        fingerprint: of the surroundings as they are.
        without: tasks to leave out as long as they have these revisions.
        limit: how many rows at most, the newest edits.

    Returns:
        them, and how many there are in all.
    """
    values = {
        "fingerprint": fingerprint,
        "without": list(without),
        "revisions": list(without.values()),
        "limit": limit,
    }
    found = await fetch(db, "unsynced", values)
    left = found[0]["left"] if found else 0
    return [_task_row(row) for row in found], left


async def stamped_otherwise(db: Database, fingerprint: str) -> list[TaskRow]:
    """Synced rows that were written under another fingerprint."""
    found = await fetch(db, "stamped_otherwise", {"fingerprint": fingerprint})
    return [_task_row(row) for row in found]


async def restamp(db: Database, stamps: Mapping[TaskId, tuple[str, str]]) -> None:
    """Replace hashes, (old, new) by task, in rows that still have the old one."""
    if stamps:
        values = {
            "ids": list(stamps),
            "old": [old for old, _ in stamps.values()],
            "new": [new for _, new in stamps.values()],
        }
        await execute(db, "restamp", values)


async def take_up_moved(db: Database) -> None:
    """Say that the rows whose devices have come to another work pool are not in Prefect."""
    await execute(db, "take_up_moved", {})


async def unmark(db: Database, hashes: Mapping[TaskId, str | None]) -> None:
    """Say that these rows are not in Prefect, if they still have these hashes."""
    if hashes:
        await execute(db, "unmark", {"ids": list(hashes), "hashes": list(hashes.values())})


async def by_id(db: Database, ids: Sequence[TaskId]) -> list[TaskRow]:
    """The rows of these tasks; those that are gone are left out."""
    return [_task_row(row) for row in await fetch(db, "rows_by_id", {"ids": list(ids)})]


async def following(db: Database, after: TaskId | None, *, limit: int) -> list[TaskRow]:
    """The next rows in the order of the ids; the first ones without `after`."""
    values = {"after": after or UUID(int=0), "limit": limit}
    return [_task_row(row) for row in await fetch(db, "rows_following", values)]


def _task_row(row: Mapping[str, Any]) -> TaskRow:
    return TaskRow(**{name: row[name] for name in TaskRow.__dataclass_fields__})


async def count(db: Database) -> int:
    """How many tasks there are."""
    return int((await fetch(db, "count_tasks"))[0]["count"])


async def count_known(db: Database) -> int:
    """How many deployments our own tables know."""
    return int((await fetch(db, "count_known"))[0]["count"])


async def known_deployments(db: Database, ids: Sequence[UUID]) -> dict[UUID, TaskId]:
    """Those of the deployments that are recorded in our own tables -> their task."""
    if not ids:
        return {}
    found = await fetch(db, "known_deployments", {"ids": list(ids)})
    return {row["deployment_id"]: TaskId(row["task_id"]) for row in found}


async def tombstones(
    db: Database, *, without: Collection[TaskId | None] = (), limit: int | None = None
) -> dict[TaskId, UUID | None]:
    """Deleted tasks whose deployment is still to go, with its id if it is known."""
    values = {"without": [one for one in without if one is not None], "limit": limit}
    found = await fetch(db, "tombstones", values)
    return {TaskId(row["task_id"]): row["deployment_id"] for row in found}


async def forget_tombstones(db: Database, ids: Sequence[TaskId]) -> None:
    """Their deployments are gone."""
    if ids:
        await execute(db, "forget_tombstones", {"ids": list(ids)})


async def mark_synced(db: Database, item: Desired, deployment_id: UUID) -> None:
    """The row is in Prefect as `item` says."""
    await execute(
        db,
        "mark_synced",
        {
            "id": item.row.id,
            "revision": item.row.revision,
            "hash": item.hash,
            "deployment_id": deployment_id,
            "site_pool": item.row.site_pool,
        },
    )


async def mark_failed(db: Database, task_id: TaskId, error: str) -> None:
    """The row is not in Prefect, and why."""
    await execute(db, "mark_failed", {"id": task_id, "error": error[:2000]})


@asynccontextmanager
async def exclusive(db: Database) -> AsyncIterator[None]:
    """Hold off every other sync of this database."""
    async with db.connection() as connection:
        await connection.execute(query("lock_sync"))
        try:
            yield
        finally:
            if not connection.closed:
                await connection.execute(query("unlock_sync"))
