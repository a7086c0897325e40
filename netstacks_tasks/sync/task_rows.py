"""The sync's view of the task table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

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
    """The id that marks everything of ours in Prefect."""
    rows = await fetch(db, "installation")
    return UUID(str(rows[0]["id"]))


async def rows(
    db: Database, *, everything: bool = False, ids: Sequence[TaskId] = ()
) -> list[TaskRow]:
    """Rows that may differ from Prefect, those of `ids` among them; or all rows."""
    found = await fetch(db, "task_rows", {"all": everything, "ids": list(ids)})
    return [TaskRow(**row) for row in found]


async def known_deployments(db: Database) -> dict[UUID, TaskId]:
    """Deployment id -> task, as recorded in our own tables."""
    found = await fetch(db, "known_deployments")
    return {row["deployment_id"]: TaskId(row["task_id"]) for row in found}


async def tombstones(db: Database) -> dict[TaskId, UUID | None]:
    """Deleted tasks whose deployment is still to go, with its id if it is known."""
    found = await fetch(db, "tombstones")
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
