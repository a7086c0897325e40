"""Which checks of which devices are up, and since when."""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a check found."""

    device_id: DeviceId
    item: str
    up: bool


async def observe(db: Database, device_id: DeviceId, check: str, *, up: bool) -> bool:
    """Note what a check found, and return whether it went up or down; see `observe_all`."""
    (went,) = await observe_all(db, [Observation(device_id=device_id, item=check, up=up)])
    return went


async def observe_all(db: Database, observations: Sequence[Observation]) -> list[bool]:
    """Note what checks found, all of it or none.

    Returns:
        for each whether it went up or down; a first look is no transition. Of
        two that see the same transition at once one is told so.
    """
    ids = list({one.device_id for one in observations})
    async with db.transaction() as connection:
        # Serialises observers of one device; a device that is gone has no state.
        cursor = await connection.execute(query("serialise_devices"), {"ids": ids})
        present = {device_id for (device_id,) in await cursor.fetchall()}
        cursor = await connection.execute(query("check_states_of"), {"ids": ids})
        before = {(device_id, item): bool(up) for device_id, item, up in await cursor.fetchall()}
        values = [
            {"device_id": one.device_id, "item": one.item, "up": one.up}
            for one in observations
            if one.device_id in present
        ]
        await connection.cursor().executemany(query("put_check_state"), values)
    went = []
    for one in observations:
        key = (one.device_id, one.item)
        went.append(one.device_id in present and before.get(key, one.up) != one.up)
        before[key] = one.up
    return went


async def states(db: Database, *, device_id: DeviceId | None = None) -> list[CheckState]:
    """The states of one device or of all, those that are down first."""
    async with (
        db.connection() as connection,
        connection.cursor(row_factory=class_row(CheckState)) as cursor,
    ):
        await cursor.execute(query("check_states"), {"device_id": device_id})
        return await cursor.fetchall()
