"""Which files manage what; an item's removal forgets it, by a trigger."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from netstacks_tasks.store.database import Connection
from netstacks_tasks.store.queries import query


async def owners(connection: Connection) -> dict[tuple[str, UUID], str]:
    """By section and id of an item, the owner of the files that manage it."""
    cursor = await connection.execute(query("managed_items"))
    return {(row[0], row[1]): row[2] for row in await cursor.fetchall()}


async def manage(connection: Connection, owner: str, items: Iterable[tuple[str, UUID]]) -> None:
    """Note that the files of an owner manage items, each with its section."""
    rows = [{"item_id": key, "section": section, "owner": owner} for section, key in items]
    if rows:
        async with connection.cursor() as cursor:
            await cursor.executemany(query("manage_item"), rows)
