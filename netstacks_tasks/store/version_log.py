"""Versions of configurations one after the other, for whoever keeps them elsewhere too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from netstacks_tasks.models.ids import DeviceId, RunId, SnapshotId, TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query


class Place(NamedTuple):
    """Between two versions of the log: behind one of them."""

    captured_at: datetime
    id: UUID = UUID(int=0)


BEGINNING: Final = Place(datetime(1, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedVersion:
    """A version without its text."""

    id: SnapshotId
    device_id: DeviceId | None
    """None when the device is no longer in the inventory."""
    device_name: str
    """What the device is called now; of one that is gone, what it was called then."""
    destination: str
    source: str
    task_id: TaskId | None
    task_name: str | None
    """As it was in that run."""
    run_id: RunId | None
    captured_at: datetime
    open: bool
    """Its run goes on and may make more of them."""

    @property
    def place(self) -> Place:
        return Place(self.captured_at, self.id)


async def after(
    db: Database, place: Place, *, limit: int, patience: timedelta
) -> list[LoggedVersion]:
    """The next versions, the oldest first.

    Args:
        db: the database.
        place: only those behind it.
        limit: how many at most.
        patience: a version older than this counts as closed, whatever its run does.
    """
    values = {
        "after_time": place.captured_at,
        "after_id": place.id,
        "limit": limit,
        "patience": patience,
    }
    async with (
        db.connection() as connection,
        connection.cursor(row_factory=class_row(LoggedVersion)) as cursor,
    ):
        await cursor.execute(query("version_log"), values)
        return await cursor.fetchall()


async def device_names(db: Database) -> dict[DeviceId, str]:
    """What every device of the inventory is called."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("device_names"))
        return {DeviceId(row[0]): row[1] for row in await cursor.fetchall()}


async def installation(db: Database) -> UUID:
    """Which installation the database is; a copy of it is the same one."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("installation_id"))
        row = await cursor.fetchone()
        assert row is not None  # noqa: S101 - the first migration has put it there
        return UUID(str(row[0]))
