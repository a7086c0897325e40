"""Remembers which devices another system keeps, and what it calls them."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.rows import dict_row

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.store.database import Connection
from netstacks_tasks.store.queries import query


class Origin(Value):
    """Where a device came from."""

    device_id: DeviceId
    source: str
    """The system: its URL, or the path of the file."""
    scope: str
    """What of it was asked for, for example `site=fra`; empty for all of it."""
    key: str
    """The device's own id in that system."""
    groups: tuple[str, ...]
    """The names of the groups that the system gave it; others were given here."""


async def of_source(connection: Connection, source: str) -> list[Origin]:
    """The devices that came from a system."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("origins_of_source"), {"source": source})
        return [Origin.model_validate(row) for row in await cursor.fetchall()]


async def of_device(connection: Connection, device_id: DeviceId) -> Origin | None:
    """Where a device came from; None when it was made here."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("origin_of_device"), {"device_id": device_id})
        row = await cursor.fetchone()
    return None if row is None else Origin.model_validate(row)


async def put(connection: Connection, origins: Sequence[Origin]) -> None:
    """Remember where devices came from, within a transaction that holds the inventory's lock."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            query("put_origin"),
            [{**one.model_dump(), "groups": list(one.groups)} for one in origins],
        )
