"""Reads the inventory, and finds the devices a task works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from psycopg.rows import dict_row

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import CredentialId, StackId
from netstacks_tasks.models.inventory import Device, Value
from netstacks_tasks.models.task import Task
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.inventory_items import (
    Credential,
    DeviceGroup,
    Kind,
    Script,
    Stack,
    StackInstance,
)
from netstacks_tasks.store.queries import query

T = TypeVar("T", bound=Value)

_QUERIES: Final[Mapping[type[Value], tuple[str, Kind]]] = {
    Credential: ("credentials", "credential"),
    DeviceGroup: ("device_groups", "device group"),
    Device: ("devices", "device"),
    Script: ("scripts", "script"),
    Stack: ("stacks", "stack"),
    StackInstance: ("stack_instances", "stack instance"),
}


async def read(
    connection: Connection,
    kind: type[T],
    *,
    id: UUID | None = None,  # noqa: A002 - the column's name
    name: str | None = None,
    **more: object,
) -> list[T]:
    """The items of a kind, by name; `more` are further filters of the kind's query."""
    wanted = {
        "id": id,
        "name": name,
        "group_id": None,
        "credential_id": None,
        "version": None,
        **more,
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query(_QUERIES[kind][0]), wanted)
        return [kind.model_validate(row) for row in await cursor.fetchall()]


async def find(db: Database, kind: type[T]) -> list[T]:
    """Every item of a kind, for example `Script`, by name."""
    async with db.connection() as connection:
        return await read(connection, kind)


async def get(db: Database, kind: type[T], key: UUID | str) -> T:
    """One item, by its id or its name; what looks like an id is taken for one first.

    Raises:
        NotFound: there is none.
    """
    async with db.connection() as connection:
        by_id = as_id(key)
        found = await read(connection, kind, id=by_id) if by_id is not None else []
        if not found and isinstance(key, str):
            found = await read(connection, kind, name=key)
    if not found:
        raise NotFound(_QUERIES[kind][1], key)
    return found[0]


async def devices(
    db: Database, *, group_id: UUID | None = None, credential_id: UUID | None = None
) -> list[Device]:
    """Devices by name: all, those of a group, those that use a credential."""
    async with db.connection() as connection:
        return await read(connection, Device, group_id=group_id, credential_id=credential_id)


async def credential(db: Database, key: CredentialId | str) -> Credential:
    """Where a credential's secrets are.

    Raises:
        NotFound: there is none.
    """
    return await get(db, Credential, key)


async def stack_version(db: Database, stack_id: StackId, version: int) -> Stack:
    """A stack as it was in a version.

    Raises:
        NotFound: there is no such stack, or it has no such version.
    """
    async with db.connection() as connection:
        found = await read(connection, Stack, id=stack_id, version=version)
    if not found:
        raise NotFound("stack version", f"{stack_id} version {version}")
    return found[0]


async def targets_of(db: Database, task: Task) -> list[Device]:
    """The devices a task works on, by name.

    A stack's devices come in the order of their deployment. A health check
    without a target looks at every device that uses its credential, and an agent
    at every device there is; any other task without one has no devices.
    """
    async with db.connection() as connection:
        return await _targets(connection, task.spec.parameters.model_dump(mode="json"))


async def _targets(connection: Connection, parameters: Mapping[str, Any]) -> list[Device]:
    if instance_id := parameters.get("stack_instance_id"):
        found = await read(connection, StackInstance, id=UUID(instance_id))
        members = [member.device_id for instance in found for member in instance.devices]
        return await _in_order(connection, members)
    if target_id := parameters.get("target_id"):
        if parameters.get("target_type") == "device":
            return await read(connection, Device, id=UUID(target_id))
        return await read(connection, Device, group_id=UUID(target_id))
    if parameters["type"] == "health_check":
        return await read(connection, Device, credential_id=UUID(str(parameters["credential_id"])))
    return await read(connection, Device) if parameters["type"] == "agent_task" else []


async def _in_order(connection: Connection, ids: Sequence[UUID]) -> list[Device]:
    wanted = set(ids)
    by_id = {device.id: device for device in await read(connection, Device) if device.id in wanted}
    return [device for key in ids if (device := by_id.get(key)) is not None]  # type: ignore[call-overload]  # any of our ids


def as_id(key: UUID | str) -> UUID | None:
    """The UUID that a key is or holds."""
    if isinstance(key, UUID):
        return key
    try:
        return UUID(key)
    except ValueError:
        return None
