"""What a person chooses from when a task is written: names, not whole rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal
from uuid import UUID

from psycopg.rows import class_row

from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.parameters import TargetType
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query

ListKind = Literal["credentials", "scripts", "stack_instances"]

_LISTS: Final[Mapping[ListKind, str]] = {
    "credentials": "choose_credentials",
    "scripts": "choose_scripts",
    "stack_instances": "choose_stack_instances",
}
_TARGETS: Final[Mapping[TargetType, str]] = {
    "device": "choose_devices",
    "device_group": "choose_device_groups",
}


class Choice(Value):
    """One of them."""

    id: UUID
    name: str
    note: str = ""
    """What tells it from others, for people."""


async def every(db: Database, kind: ListKind) -> list[Choice]:
    """All of a kind, by name."""
    return await _choices(db, _LISTS[kind], {})


async def targets(db: Database, kind: TargetType, text: str, limit: int) -> list[Choice]:
    """Devices or groups that a text may mean, the likeliest first."""
    return await _choices(db, _TARGETS[kind], {"text": text, "limit": limit})


async def timezones_in_use(db: Database) -> list[str]:
    """The timezones of the tasks there are, the most used first."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("timezones_in_use"))
        return [str(row[0]) for row in await cursor.fetchall()]


async def count_targets(
    db: Database,
    *,
    device_id: UUID | None = None,
    group_id: UUID | None = None,
    stack_instance_id: UUID | None = None,
    credential_id: UUID | None = None,
) -> int:
    """How many devices fit all that is given; all there are when nothing is."""
    wanted = {
        "device_id": device_id,
        "group_id": group_id,
        "stack_instance_id": stack_instance_id,
        "credential_id": credential_id,
    }
    async with db.connection() as connection:
        cursor = await connection.execute(query("count_targets"), wanted)
        row = await cursor.fetchone()
        return 0 if row is None else int(row[0])


async def _choices(db: Database, name: str, wanted: Mapping[str, Any]) -> list[Choice]:
    async with (
        db.connection() as connection,
        connection.cursor(row_factory=class_row(Choice)) as cursor,
    ):
        await cursor.execute(query(name), wanted)
        return await cursor.fetchall()
