"""Items and tasks as files describe them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from netstacks_tasks.importing.entries import KEYS, Section
from netstacks_tasks.importing.items import MODELS
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.task_spec import TaskSpec
from netstacks_tasks.store.inventory_items import Item, Stack, StackInstance

SECTION_OF: Final[Mapping[type[Item], Section]] = {model: name for name, model in MODELS.items()}

Document = dict[str, Any]


def item_document(item: Item, names: Mapping[UUID, str]) -> Document:
    """An item with names where it has the ids of others; what is empty is left out.

    Args:
        item: of the inventory.
        names: of all items, by id.
    """
    values: Document = item.model_dump(mode="json")
    match item:
        case Device():
            # In the order of the file, not of the model.
            values["credential"] = item.credential_id and names[item.credential_id]
        case StackInstance():
            values["stack"] = names[item.stack_id]
            values["groups"] = [
                _member("group", names[one.group_id], one.variables) for one in item.groups
            ]
            values["devices"] = [
                _member("device", names[one.device_id], one.variables) for one in item.devices
            ]
        case _:
            pass
    keys = KEYS[SECTION_OF[type(item)]]
    return {key: _sorted(values[key]) for key in keys if not _is_empty(values.get(key))}


def exported_item(item: Item, names: Mapping[UUID, str], newest: Mapping[UUID, int]) -> Document:
    """The same for a file: an instance of its stack's newest version does not say which.

    Args:
        item: of the inventory.
        names: of all items, by id.
        newest: by id of a stack, its newest version.
    """
    document = item_document(item, names)
    if isinstance(item, StackInstance) and item.version == newest[item.stack_id]:
        del document["version"]
    return document


def newest_versions(items: Mapping[UUID, Item]) -> dict[UUID, int]:
    """By id of a stack, its newest version."""
    return {key: item.version for key, item in items.items() if isinstance(item, Stack)}


def task_document(spec: TaskSpec) -> Document:
    """A task, as it is valid everywhere; what is not given is left out."""
    document = spec.model_dump(mode="json", exclude_none=True)
    parameters = document.pop("parameters")
    document["parameters"] = {
        key: value for key, value in parameters.items() if not _is_empty(value)
    }
    return document


def _member(word: str, name: str, variables: Mapping[str, Any]) -> str | Document:
    return {word: name, "variables": _sorted(variables)} if variables else name


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _sorted(value: object) -> object:
    """With the fields of free mappings in order, at any depth."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_sorted(one) for one in value]
    return value
