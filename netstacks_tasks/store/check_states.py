"""Which checks of which devices are up, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckState:
    """How a check stands."""

    device_id: DeviceId
    device_name: str
    item: str
    up: bool
    since: datetime
    checked_at: datetime


async def observe(db: Database, device_id: DeviceId, check: str, *, up: bool) -> bool:
    """Note what a check found.

    Returns:
        whether it went up or down; a first look is no transition. Of two that
        see the same transition at once one is told so.
    """
    values = {"device_id": device_id, "item": check, "up": up}
    async with db.transaction() as connection:
        # Serialises observers of one device; a device that is gone has no state.
        cursor = await connection.execute(query("serialise_device"), {"id": device_id})
        if await cursor.fetchone() is None:
            return False
        cursor = await connection.execute(query("check_state"), values)
        before = await cursor.fetchone()
        await connection.execute(query("put_check_state"), values)
    return before is not None and bool(before[0]) != up


async def states(db: Database, *, device_id: DeviceId | None = None) -> list[CheckState]:
    """The states of one device or of all, those that are down first."""
    async with (
        db.connection() as connection,
        connection.cursor(row_factory=class_row(CheckState)) as cursor,
    ):
        await cursor.execute(query("check_states"), {"device_id": device_id})
        return await cursor.fetchall()
