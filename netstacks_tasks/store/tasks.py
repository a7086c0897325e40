"""The task table: what is to be done when, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from psycopg import errors, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from netstacks_tasks.errors import EditedMeanwhile, InvalidInput, NotFound, Problem
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.schedule import Schedule
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import TaskSpec
from netstacks_tasks.store.connecting import store_errors
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.inventory import as_id
from netstacks_tasks.store.queries import query
from netstacks_tasks.store.task_references import problems_with

_READ_ONLY: Final = (
    "next_run_at",
    "last_run_at",
    "last_status",
    "created_at",
    "updated_at",
    "revision",
    "deployment_id",
    "synced_hash",
    "synced_at",
    "sync_error",
)


SortKey = Literal["name", "next_run_at", "last_run_at", "created_at", "updated_at"]

_ORDERS: Final[dict[SortKey, sql.SQL]] = {
    "name": sql.SQL("name"),
    "next_run_at": sql.SQL("next_run_at"),
    "last_run_at": sql.SQL("last_run_at"),
    "created_at": sql.SQL("created_at"),
    "updated_at": sql.SQL("updated_at"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks; what is None does not matter."""

    task_type: str | None = None
    enabled: bool | None = None
    last_status: str | None = None
    text: str | None = None
    """Part of the name, in any case."""


class RevisionConflict(EditedMeanwhile):
    """Somebody else edited the task since it was read."""


async def create(db: Database, spec: TaskSpec) -> Task:
    """Save a new task.

    Raises:
        InvalidInput: the name or the id is taken, or what the task names is not
            in the inventory; nothing was saved.
    """
    async with db.transaction() as connection:
        return await insert(connection, spec)


async def insert(connection: Connection, spec: TaskSpec) -> Task:
    """`create`, within a transaction."""
    saved = spec if spec.id is not None else spec.model_copy(update={"id": TaskId(uuid4())})
    return await _write(connection, "insert_task", saved)


async def get(db: Database, key: TaskId | str) -> Task:
    """One task, by its id or its name; what looks like an id is taken for one first.

    Raises:
        NotFound: there is none.
    """
    async with db.connection() as connection:
        return await read(connection, key)


async def read(connection: Connection, key: TaskId | str, *, lock: bool = False) -> Task:
    """`get`, on a connection; with `lock` nobody else edits it until the transaction ends."""
    statement = "lock_task" if lock else "task"
    by_id = as_id(key)
    row = await _one(connection, statement, {"id": by_id, "name": None}) if by_id else None
    if row is None and isinstance(key, str):
        row = await _one(connection, statement, {"id": None, "name": key})
    if row is None:
        raise NotFound("task", key)
    return as_task(row)


async def find(
    db: Database,
    only: TaskFilter | None = None,
    *,
    sort: SortKey = "name",
    descending: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[Task]:
    """Tasks that match, in order; those without a value for the key come last."""
    direction = sql.SQL(" DESC NULLS LAST" if descending else " ASC NULLS LAST")
    statement = (
        sql.SQL(query("tasks")) + sql.SQL(" ORDER BY ") + _ORDERS[sort] + direction
        + sql.SQL(", id LIMIT %(limit)s OFFSET %(offset)s")
    )  # fmt: skip
    async with db.connection() as connection:
        # Whole rows of all that match would have to be sorted on the disk.
        cursor = await connection.execute(
            statement, _values(only) | {"limit": limit, "offset": offset}
        )
        return await _whole(connection, [row[0] for row in await cursor.fetchall()])


async def every(connection: Connection) -> list[Task]:
    """All tasks, within a transaction."""
    cursor = await connection.execute(query("tasks"), _values(None))
    return await _whole(connection, [row[0] for row in await cursor.fetchall()])


async def _whole(connection: Connection, ids: Sequence[UUID]) -> list[Task]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("tasks_by_id"), {"ids": list(ids)})
        return [as_task(row) for row in await cursor.fetchall()]


async def count(db: Database, only: TaskFilter | None = None) -> int:
    """How many tasks match."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("count_tasks"), _values(only))
        row = await cursor.fetchone()
        return 0 if row is None else int(row[0])


async def update(
    db: Database,
    key: TaskId | str,
    changes: Mapping[str, Any],
    expected_revision: int | None = None,
) -> Task:
    """Change some fields of a task.

    Args:
        db: the database.
        key: the task's id or name.
        changes: new values by field, as in `TaskSpec.updated`.
        expected_revision: refuse if the task was edited since it had this one.

    Raises:
        NotFound: there is no such task.
        RevisionConflict: it was edited meanwhile.
        InvalidInput: as for `create`.
    """
    async with db.transaction() as connection:
        before = await read(connection, key, lock=True)
        _expect(before, expected_revision)
        return await edit(connection, before, before.spec.updated(changes))


async def replace(
    db: Database, key: TaskId | str, spec: TaskSpec, expected_revision: int | None = None
) -> Task:
    """Make a task what `spec` says, whatever it was; raises as `update` does."""
    async with db.transaction() as connection:
        before = await read(connection, key, lock=True)
        _expect(before, expected_revision)
        return await edit(connection, before, spec)


async def edit(connection: Connection, before: Task, spec: TaskSpec) -> Task:
    """Save a locked task's new form; what is the same already is not touched."""
    if spec.id not in {None, before.id}:
        raise InvalidInput.single("id", "the id of a task cannot be changed: leave it out")
    saved = spec.model_copy(update={"id": before.id})
    return before if saved == before.spec else await _write(connection, "update_task", saved)


async def set_enabled(db: Database, key: TaskId | str, enabled: bool) -> Task:
    """Switch a task on or off; it keeps its configuration and its history.

    Raises:
        NotFound: there is no such task.
        InvalidInput: it is to be switched on and names what is gone.
    """
    return await update(db, key, {"enabled": enabled})


async def delete(db: Database, key: TaskId | str, expected_revision: int | None = None) -> Task:
    """Remove a task; its history stays. Returns what it was.

    Raises:
        NotFound: there is no such task.
        RevisionConflict: it was edited meanwhile.
    """
    async with db.transaction() as connection:
        before = await read(connection, key, lock=True)
        _expect(before, expected_revision)
        await remove(connection, before)
        return before


async def remove(connection: Connection, locked: Task) -> None:
    """`delete`, of a locked task."""
    await connection.execute(query("delete_task"), {"id": locked.id})


def as_task(row: Mapping[str, Any]) -> Task:
    """A row of the table as a value."""
    known = {name: row[name] for name in _READ_ONLY}
    spec = {name: row[name] for name in TaskSpec.model_fields if name in row}
    return Task(spec=TaskSpec.model_validate(spec), **known)


async def _write(connection: Connection, statement: str, spec: TaskSpec) -> Task:
    parameters = spec.parameters.model_dump(mode="json", exclude_none=True)
    problems = await problems_with(connection, parameters)
    if problems:
        raise InvalidInput(problems)
    values = spec.model_dump(mode="python") | {
        "parameters": Jsonb(parameters),
        "next_run_at": _next_run(spec),
    }
    try:
        with store_errors():
            async with connection.transaction():
                row = await _one(connection, statement, values)
    except errors.UniqueViolation as error:
        raise _taken(error, spec) from error
    if row is None:
        raise NotFound("task", spec.id)
    return as_task(row)


def _values(only: TaskFilter | None) -> dict[str, object]:
    chosen = only or TaskFilter()
    return {
        "task_type": chosen.task_type,
        "enabled": chosen.enabled,
        "last_status": chosen.last_status,
        "text": chosen.text,
    }


def _next_run(spec: TaskSpec) -> datetime | None:
    if not spec.enabled:
        return None
    times = Schedule(spec.cron_expression, spec.timezone).next(1, datetime.now(UTC))
    return times[0] if times else None


def _taken(error: errors.UniqueViolation, spec: TaskSpec) -> InvalidInput:
    if error.diag.constraint_name == "tasks_name_key":
        return InvalidInput.single(
            "name", f"there is another task named {spec.name!r}: choose a different name"
        )
    return InvalidInput.single("id", f"there is a task with the id {spec.id} already: leave it out")


def _expect(task: Task, revision: int | None) -> None:
    if revision is not None and task.revision != revision:
        raise RevisionConflict(
            [
                Problem(
                    field="revision",
                    message=f"the task {task.spec.name!r} was edited meanwhile (revision "
                    f"{task.revision}, expected {revision}): read it again and repeat the change",
                )
            ]
        )


async def _one(
    connection: Connection, statement: str, values: Mapping[str, Any]
) -> dict[str, Any] | None:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query(statement), values)
        return await cursor.fetchone()
