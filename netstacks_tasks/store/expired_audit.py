"""Old entries of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.queries import query

AT_ONCE: Final = 1000


async def following(db: Database, after: int, before: datetime) -> tuple[int, int]:
    """Look at the next entries.

    Args:
        db: the database.
        after: the last one of the portion before; 0: from the beginning.
        before: older ones may go.

    Returns:
        how many of them may go, and the last one of the portion.
    """
    values = {"after": after, "before": before, "limit": AT_ONCE}
    async with db.connection() as connection:
        cursor = await connection.execute(query("expired_audit"), values)
        row = await cursor.fetchone()
    return (0, after) if row is None or row[1] is None else (row[0], row[1])


async def delete(connection: Connection, after: int, last: int, before: datetime) -> int:
    """Delete old entries of a portion; returns how many there were."""
    values = {"after": after, "last": last, "before": before}
    cursor = await connection.execute(query("delete_audit"), values)
    return cursor.rowcount
