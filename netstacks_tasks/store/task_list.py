"""The tasks as the page lists them: with their newest runs, and how all of them stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal

from psycopg import sql
from psycopg.rows import class_row, dict_row

from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.task import Task
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query
from netstacks_tasks.store.tasks import as_task

ListOrder = Literal["name", "task_type", "schedule", "next_run_at", "last_run_at", "enabled"]

_ORDERS: Final[Mapping[str, sql.SQL]] = {
    "task_type": sql.SQL("task_type"),
    "schedule": sql.SQL("cron_expression"),
    "next_run_at": sql.SQL("next_run_at"),
    "last_run_at": sql.SQL("newest.scheduled_for"),
    "enabled": sql.SQL("NOT enabled"),
}
_BY_NAME: Final = {
    # As the index has it, or the other way round.
    False: sql.SQL(" ORDER BY lower(name), tasks.id"),
    True: sql.SQL(" ORDER BY lower(name) DESC, tasks.id DESC"),
}
_PAGE: Final = sql.SQL(" LIMIT %(limit)s OFFSET %(offset)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTask:
    """A task and its newest run."""

    task: Task
    run_id: RunId | None
    run_state: str | None
    """A run's state, or `timed_out`."""
    run_at: datetime | None
    """When it began, or should have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSearch:
    """Which tasks; what is None does not matter."""

    text: str | None = None
    task_type: str | None = None
    enabled: bool | None = None
    states: Sequence[str] | None = None
    """Of the newest run; `never` stands for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCounts:
    """How the tasks stand as a whole."""

    tasks: int
    enabled: int
    failing: int
    """The newest run of each went wrong."""
    under_way: int
    refused: int
    """Prefect did not take them."""
    refusal: str | None
    """What it said of one of them."""
    unsynced: int
    """Edited more than a minute ago and not in Prefect yet."""
    late: int
    """Their next time lies in the past: nobody has looked since."""


async def listed(
    db: Database,
    wanted: TaskSearch,
    *,
    order: ListOrder = "name",
    descending: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[ListedTask], int]:
    """A page of the tasks that match, and how many match in all."""
    values = asdict(wanted) | {"limit": limit, "offset": offset}
    values["states"] = None if wanted.states is None else list(wanted.states)
    page = sql.SQL(query("task_list_page")) + _order(order, descending=descending) + _PAGE
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("count_task_list"), values)
        counted = await cursor.fetchone()
        # Their ids first: of those left out nothing else is looked up.
        await cursor.execute(page, values)
        ids = [row["id"] for row in await cursor.fetchall()]
        await cursor.execute(query("task_list"), {"ids": ids})
        rows = await cursor.fetchall()
    return [_listed(row) for row in rows], 0 if counted is None else int(counted["count"])


def _order(order: ListOrder, *, descending: bool) -> sql.Composable:
    if order == "name":
        return _BY_NAME[descending]
    direction = sql.SQL(" DESC NULLS LAST" if descending else " ASC NULLS LAST")
    return sql.SQL(" ORDER BY ") + _ORDERS[order] + direction + sql.SQL(", lower(name), tasks.id")


async def counts(db: Database) -> TaskCounts:
    """Of all tasks."""
    async with (
        db.connection() as connection,
        connection.cursor(row_factory=class_row(TaskCounts)) as cursor,
    ):
        await cursor.execute(query("task_counts"))
        found = await cursor.fetchone()
    assert found is not None  # noqa: S101 - sums are one row, always
    return found


def _listed(row: Mapping[str, Any]) -> ListedTask:
    timed_out = row["run_state"] == "failed" and row["run_outcome"] == "timed_out"
    return ListedTask(
        task=as_task(row),
        run_id=row["run_id"],
        run_state="timed_out" if timed_out else row["run_state"],
        run_at=row["run_started_at"] or row["run_scheduled_for"],
    )
