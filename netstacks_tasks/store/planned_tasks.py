"""The schedules of all tasks that are on, and no more of them: there may be very many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTasks:
    """The tasks of one schedule, in no order; a task has the same place in each of the lists."""

    cron_expression: str
    timezone: str
    ids: Sequence[str]
    names: Sequence[str]
    task_types: Sequence[str]

    def __len__(self) -> int:
        """How many tasks."""
        return len(self.ids)


async def planned_tasks(db: Database) -> list[PlannedTasks]:
    """By schedule: thousands of tasks have but some hundred different ones."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("planned_tasks"))
        return [
            PlannedTasks(
                cron_expression=cron, timezone=zone, ids=ids, names=names, task_types=task_types
            )
            for cron, zone, ids, names, task_types in await cursor.fetchall()
        ]
