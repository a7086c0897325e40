"""Writes the inventory; what a task relies on is not taken from under it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from psycopg import errors
from psycopg.types.json import Jsonb

from netstacks_tasks.errors import InUse, InvalidInput, NotFound, Problem
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.inventory import as_id, read
from netstacks_tasks.store.inventory_items import (
    KINDS,
    DeviceGroup,
    Item,
    Kind,
    Stack,
    StackInstance,
    kind_of,
)
from netstacks_tasks.store.queries import query

_TABLES: Final[Mapping[Kind, str]] = {
    "credential": "credential",
    "device group": "device_group",
    "device": "device",
    "script": "script",
    "stack": "stack",
    "stack instance": "stack_instance",
}
_MOST_NAMES: Final = 10


async def save(db: Database, items: Sequence[Item]) -> None:
    """Create items, or replace those of the same ids; all of them or none.

    Raises:
        InvalidInput: a name is taken, something they refer to is missing, or a
            group that a task uses would be left without devices.
    """
    async with db.transaction() as connection:
        await lock(connection)
        await put(connection, items)


async def lock(connection: Connection) -> None:
    """Hold off every other writer of the inventory until the transaction ends."""
    await connection.execute(query("lock_inventory"))


async def put(connection: Connection, items: Sequence[Item]) -> None:
    """Write items within a transaction that holds `lock`; raises as `save` does."""
    for kind, made in KINDS.items():
        chosen = [item for item in items if type(item) is made]
        if chosen:
            await _put_kind(connection, kind, chosen)
    if any(type(item) is Device for item in items):
        await refuse_emptied_groups(connection)


async def hold_devices(connection: Connection, devices: Iterable[DeviceId]) -> None:
    """Take devices in the order of everybody who takes several, before any is written.

    In another order two transactions would wait for each other: runs take the devices
    whose host keys or checks they record.
    """
    await connection.execute(query("serialise_devices"), {"ids": list(devices)})


async def _put_kind(connection: Connection, kind: Kind, items: Sequence[Any]) -> None:
    if kind == "device":
        await hold_devices(connection, (item.id for item in items))
    try:
        async with connection.transaction(), connection.cursor() as cursor:
            await cursor.executemany(
                query(f"put_{_TABLES[kind]}"), [_columns(item) for item in items]
            )
            if after := _AFTER.get(kind):
                await after(connection, items)
    except errors.UniqueViolation as error:
        raise _taken(kind, error) from error
    except errors.ForeignKeyViolation as error:
        detail = error.diag.message_detail or ""
        raise InvalidInput.single(
            kind, f"refers to something that is not there: {detail}"
        ) from error


def _columns(item: Item) -> dict[str, Any]:
    """What a row holds of it; structures as JSON."""
    values = item.model_dump()
    for name in ("snmp", "options", "templates", "variables", "post_checks"):
        if name in values:
            values[name] = Jsonb(values[name])
    return values


def _taken(kind: Kind, error: errors.UniqueViolation) -> InvalidInput:
    detail = (error.diag.message_detail or "").removesuffix(" already exists.")
    return InvalidInput.single(
        "name", f"there is another {kind} with this name ({detail}): choose a different one"
    )


async def _put_members(connection: Connection, devices: Sequence[Device]) -> None:
    groups = {group.name: group.id for group in await read(connection, DeviceGroup)}
    problems = [
        Problem(field="groups", message=f"device {device.name!r}: there is no group {name!r}")
        for device in devices
        for name in device.groups
        if name not in groups
    ]
    if problems:
        raise InvalidInput(problems)
    rows = [(device.id, [groups[name] for name in device.groups]) for device in devices]
    async with connection.cursor() as cursor:
        await cursor.executemany(
            query("remove_memberships"), [{"id": key, "groups": ids} for key, ids in rows]
        )
        await cursor.executemany(
            query("add_memberships"), [{"id": key, "groups": ids} for key, ids in rows]
        )


async def _put_version(connection: Connection, stacks: Sequence[Stack]) -> None:
    async with connection.cursor() as cursor:
        await cursor.executemany(query("put_stack_version"), [_columns(stack) for stack in stacks])


async def _put_instance_parts(connection: Connection, instances: Sequence[StackInstance]) -> None:
    ids = [{"id": instance.id} for instance in instances]
    groups = [
        {
            "id": instance.id,
            "group_id": layer.group_id,
            "position": position,
            "variables": Jsonb(layer.variables),
        }
        for instance in instances
        for position, layer in enumerate(instance.groups)
    ]
    devices = [
        {
            "id": instance.id,
            "device_id": member.device_id,
            "position": position,
            "variables": Jsonb(member.variables),
        }
        for instance in instances
        for position, member in enumerate(instance.devices)
    ]
    async with connection.cursor() as cursor:
        await cursor.executemany(query("clear_stack_instance"), ids)
        await cursor.executemany(query("clear_stack_instance_groups"), ids)
        if groups:
            await cursor.executemany(query("add_stack_instance_group"), groups)
        if devices:
            await cursor.executemany(query("add_stack_instance_device"), devices)


_AFTER: Final[Mapping[Kind, Callable[[Connection, Sequence[Any]], Awaitable[None]]]] = {
    "device": _put_members,
    "stack": _put_version,
    "stack instance": _put_instance_parts,
}


async def delete(
    db: Database,
    kind: type[Item],
    key: UUID | str,
    check: Callable[[Item], None] = lambda _: None,
) -> Item:
    """Remove an item that nothing relies on; returns what it was.

    Args:
        db: where from.
        kind: of what.
        key: its id or name.
        check: refuses, by an error, the item as it is by now.

    Raises:
        NotFound: there is no such item.
        InUse: tasks, devices or stack instances use it; names them.
    """
    word = next(word for word, made in KINDS.items() if made is kind)
    async with db.transaction() as connection:
        await lock(connection)
        by_id = as_id(key)
        found = await read(connection, kind, id=by_id) if by_id is not None else []
        if not found and isinstance(key, str):
            found = await read(connection, kind, name=key)
        if not found:
            raise NotFound(word, key)
        item = found[0]
        check(item)
        await remove(connection, item)
        if word == "device":
            await refuse_emptied_groups(connection)
        return item


async def remove(connection: Connection, item: Item) -> None:
    """Remove an item within a transaction that holds `lock`; after devices, look for empty groups.

    Raises:
        InUse: something uses it.
    """
    word = kind_of(item)
    # Whoever saves a task that uses it holds a lock on its row: wait for
    # them here, and look who uses it only then.
    await connection.execute(query(f"lock_{_TABLES[word]}"), {"id": item.id})
    await _refuse_used(connection, item)
    await connection.execute(query(f"delete_{_TABLES[word]}"), {"id": item.id})


async def _refuse_used(connection: Connection, item: Item) -> None:
    word = kind_of(item)
    cursor = await connection.execute(
        query("users_of"), {"kind": _TABLES[word], "id": item.id, "id_text": str(item.id)}
    )
    users = [f"{kind} {name!r}" for kind, name in await cursor.fetchall()]
    if users:
        more = f" and {len(users) - _MOST_NAMES} more" if len(users) > _MOST_NAMES else ""
        raise InUse.single(
            word,
            f"{item.name!r} is in use by {', '.join(users[:_MOST_NAMES])}{more}: "
            "change or delete those first",
        )


async def refuse_emptied_groups(connection: Connection) -> None:
    """Raise `InUse` when a group that a task works on has no device."""
    cursor = await connection.execute(query("emptied_groups"))
    problems = [
        Problem(
            field="groups",
            message=f"the group {group!r} would be left without devices, and the task "
            f"{task!r} works on it: change or delete that task first",
        )
        for group, task in await cursor.fetchall()
    ]
    if problems:
        raise InUse(problems)
