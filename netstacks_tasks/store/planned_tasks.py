"""The schedules of all tasks that are on, and no more of them: there may be very many."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.rows import class_row

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTask:
    """A task and its schedule."""

    id: TaskId
    name: str
    task_type: str
    cron_expression: str
    timezone: str


async def planned_tasks(db: Database) -> list[PlannedTask]:
    """By name."""
    async with (
        db.connection() as connection,
        connection.cursor(row_factory=class_row(PlannedTask)) as cursor,
    ):
        await cursor.execute(query("planned_tasks"))
        return await cursor.fetchall()
