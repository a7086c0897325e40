"""What of the inventory a task relies on, checked and kept while it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from netstacks_tasks.errors import Problem
from netstacks_tasks.store.database import Connection
from netstacks_tasks.store.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    """A parameter that names something of the inventory by its id."""

    field: str
    word: str
    lock: str
    """The query that finds the row and keeps it until the transaction ends."""
    devices: str | None = None
    """The query that finds, and keeps, one of its devices; it must have one."""


_GROUP: Final = _Reference(
    field="target_id", word="device group", lock="keep_device_group", devices="keep_group_device"
)
_DEVICE: Final = _Reference(field="target_id", word="device", lock="keep_device")
_CREDENTIAL: Final = _Reference(field="credential_id", word="credential", lock="keep_credential")
_CREDENTIAL_AS_TARGET: Final = _Reference(
    field="credential_id",
    word="credential",
    lock="keep_credential",
    devices="keep_credential_device",
)
_SCRIPT: Final = _Reference(field="script_id", word="script", lock="keep_script")
_INSTANCE: Final = _Reference(
    field="stack_instance_id",
    word="stack instance",
    lock="keep_stack_instance",
    devices="keep_instance_device",
)


def _references(parameters: Mapping[str, Any]) -> Sequence[_Reference]:
    """In the order in which everyone locks them: no two savers wait for each other."""
    targeted = parameters.get("target_id") is not None
    by_credential = parameters["type"] == "health_check" and not targeted
    possible = [
        _CREDENTIAL_AS_TARGET if by_credential else _CREDENTIAL,
        _DEVICE if parameters.get("target_type") == "device" else _GROUP,
        _SCRIPT,
        _INSTANCE,
    ]
    return [wanted for wanted in possible if parameters.get(wanted.field) is not None]


async def problems_with(connection: Connection, parameters: Mapping[str, Any]) -> list[Problem]:
    """What is missing of the things that a task's parameters name.

    What is found stays until the transaction ends: whoever wants to delete it
    waits, and then sees the task.

    Args:
        connection: in the transaction that saves the task.
        parameters: as JSON.
    """
    problems = []
    for wanted in _references(parameters):
        key = {"id": parameters[wanted.field]}
        field = f"parameters.{wanted.field}"
        cursor = await connection.execute(query(wanted.lock), key)
        row = await cursor.fetchone()
        if row is None:
            message = f"there is no {wanted.word} {key['id']}: create or import it first"
            problems.append(Problem(field=field, message=message))
            continue
        if wanted.devices is None:
            continue
        cursor = await connection.execute(query(wanted.devices), key)
        if await cursor.fetchone() is None:
            problems.append(
                Problem(
                    field=field,
                    message=f"the {wanted.word} {row[0]!r} has no devices: add one to it first",
                )
            )
    return problems
