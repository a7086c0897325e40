"""Finds one's way among the versions of configurations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from netstacks_tasks.models.ids import SnapshotId, TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceVersions:
    """A device of which there are versions; it may be no longer in the inventory."""

    device_name: str
    platform: str
    destinations: Sequence[str]
    versions: int
    newest: datetime


async def devices(
    db: Database, text: str = "", *, after: str = "", limit: int = 50
) -> list[DeviceVersions]:
    """Devices by name.

    Args:
        db: the database.
        text: part of the name, in any case.
        after: the last one of the page before.
        limit: how many at most.
    """
    values = {"text": text, "after": after, "limit": limit}
    async with (
        db.connection() as connection,
        connection.cursor(row_factory=class_row(DeviceVersions)) as cursor,
    ):
        await cursor.execute(query("devices_with_snapshots"), values)
        return await cursor.fetchall()


async def neighbours(
    db: Database, snapshot_id: UUID
) -> tuple[SnapshotId | None, SnapshotId | None]:
    """The version before one and the one after it, where there are such."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("snapshot_neighbours"), {"id": snapshot_id})
        row = await cursor.fetchone()
    return (None, None) if row is None else (row[0], row[1])


async def task_names(db: Database, ids: Collection[TaskId]) -> dict[TaskId, str]:
    """What tasks are called; those that are gone are left out."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("task_names"), {"ids": list(ids)})
        return {TaskId(row[0]): row[1] for row in await cursor.fetchall()}
