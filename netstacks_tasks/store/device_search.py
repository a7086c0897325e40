"""Finds devices, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from psycopg.rows import dict_row

from netstacks_tasks.models.ids import GroupId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSearch:
    """Which devices; what is None does not matter."""

    text: str | None = None
    """Part of the name or the host, in any case."""
    platform: str | None = None
    site: str | None = None
    group_id: UUID | None = None
    credential_id: UUID | None = None


async def devices(
    db: Database, wanted: DeviceSearch, *, limit: int, offset: int = 0
) -> tuple[Sequence[Device], int]:
    """Those that match, by name, and how many match in all."""
    values = asdict(wanted)
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            query("devices_found"), {**values, "limit": limit, "offset": offset}
        )  # fmt: skip
        found = [Device.model_validate(row) for row in await cursor.fetchall()]
        counted = await connection.execute(query("count_devices"), values)
        row = await counted.fetchone()
    return found, 0 if row is None else int(row[0])


async def group_sizes(db: Database) -> dict[GroupId, int]:
    """How many devices a group has; a group without any is left out."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("group_sizes"))
        return {GroupId(row[0]): row[1] for row in await cursor.fetchall()}
