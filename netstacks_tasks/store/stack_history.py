"""The versions that a stack has had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from netstacks_tasks.models.ids import StackId
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class StackVersion:
    """One of them, without its templates."""

    version: int
    created_at: datetime


async def versions(db: Database, stack_id: StackId) -> list[StackVersion]:
    """The newest first."""
    async with (
        db.connection() as connection,
        connection.cursor(row_factory=class_row(StackVersion)) as cursor,
    ):
        await cursor.execute(query("stack_versions"), {"id": stack_id})
        return await cursor.fetchall()
