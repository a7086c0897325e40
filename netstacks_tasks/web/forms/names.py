"""People write names of devices and groups, documents hold ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from netstacks_tasks.errors import NotFound, Problem
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.parameters import TargetType
from netstacks_tasks.store import choices, inventory
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import DeviceGroup

FIELD: Final = "parameters.target_id"
_NEAR: Final = 3
_LONGEST: Final = 300


async def with_ids(
    db: Database, document: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """The document with the id of the target that it names, or why there is none."""
    parameters = dict(document["parameters"])
    kind, name = parameters.get("target_type"), str(parameters.get("target_id", ""))
    if not name or kind not in {"device", "device_group"}:
        return dict(document), []
    problems = []
    try:
        parameters["target_id"] = str((await _find(db, kind, _storable(name))).id)
    except NotFound:
        problems.append(Problem(field=FIELD, message=await _unknown(db, kind, _storable(name))))
        # Any id, so that the rest of the document is judged by itself.
        parameters["target_id"] = str(UUID(int=0))
    return {**document, "parameters": parameters}, problems


async def name_of_target(db: Database, parameters: Mapping[str, Any]) -> str | None:
    """The name of the device or group with the id; the id, when it is gone."""
    key = parameters.get("target_id")
    if key is None:
        return None
    try:
        return (await _find(db, parameters["target_type"], UUID(key))).name
    except NotFound:
        return str(key)


async def _find(db: Database, kind: TargetType, key: UUID | str) -> Device | DeviceGroup:
    if kind == "device":
        return await inventory.get(db, Device, key)
    return await inventory.get(db, DeviceGroup, key)


async def _unknown(db: Database, kind: TargetType, name: str) -> str:
    near = await choices.targets(db, kind, name, _NEAR)
    hint = f"did you mean {' or '.join(one.name for one in near)}?" if near else "choose another"
    return f"there is no {kind.replace('_', ' ')} named {name!r}: {hint}"


def _storable(name: str) -> str:
    """No longer than a name may be, and nothing that PostgreSQL refuses."""
    return name[:_LONGEST].replace("\x00", "")
