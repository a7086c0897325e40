"""What tasks keep otherwise than the settings say."""

from __future__ import annotations

from typing import Any, Final

from psycopg import errors
from psycopg.rows import dict_row

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.retention import FIELDS, FOREVER, RetentionOverride
from netstacks_tasks.store import audit
from netstacks_tasks.store.audit import Deed
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.queries import query

_FOREVER: Final = -1


async def find(db: Database, task_id: TaskId | None = None) -> dict[TaskId, RetentionOverride]:
    """By task; of one of them, or of all that have something of their own."""
    async with db.connection() as connection:
        return await _find(connection, task_id)


async def put(db: Database, task_id: TaskId, name: str, wanted: RetentionOverride) -> None:
    """Give a task a policy of its own, or, if it says nothing, none.

    Raises:
        NotFound: the task is gone.
    """
    async with db.transaction() as connection:
        before = (await _find(connection, task_id)).get(task_id, RetentionOverride())
        if wanted == before:
            return
        if wanted == RetentionOverride():
            await connection.execute(query("delete_retention_override"), {"task_id": task_id})
        else:
            values = {field: _stored(getattr(wanted, field)) for field in FIELDS}
            try:
                await connection.execute(
                    query("put_retention_override"), {"task_id": task_id, **values}
                )
            except errors.ForeignKeyViolation as error:
                raise NotFound("task", name) from error
        changes = {
            field: [getattr(before, field), getattr(wanted, field)]
            for field in FIELDS
            if getattr(before, field) != getattr(wanted, field)
        }
        deed = Deed(
            action="edited",
            kind="retention",
            object_id=task_id,
            object_name=name,
            details=changes,
        )
        await audit.write(connection, deed)


async def _find(connection: Connection, task_id: TaskId | None) -> dict[TaskId, RetentionOverride]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("retention_overrides"), {"task_id": task_id})
        return {TaskId(row.pop("task_id")): _override(row) for row in await cursor.fetchall()}


def _override(row: dict[str, Any]) -> RetentionOverride:
    return RetentionOverride(
        **{name: FOREVER if value == _FOREVER else value for name, value in row.items()}
    )


def _stored(value: int | str | None) -> int | None:
    return _FOREVER if isinstance(value, str) else value
