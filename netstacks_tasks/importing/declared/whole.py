"""Entries that say the whole: what they leave out takes its default."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pydantic import BaseModel

from netstacks_tasks.errors import Problem
from netstacks_tasks.importing.entries import KEYS, Entry
from netstacks_tasks.importing.items import MODELS
from netstacks_tasks.importing.nodes import Node
from netstacks_tasks.models.inventory import SnmpSettings

_ALSO_REQUIRED: Final = frozenset({("stack_instances", "stack")})
"""What the model knows by another name."""
_OPTIONAL: Final = frozenset({("stack_instances", "version")})
"""Without: the newest."""


def whole(entry: Entry) -> tuple[Entry, list[Problem]]:
    """The entry with null for every field that it leaves out, and what it must not leave out."""
    if entry.section == "tasks":
        return entry, []
    fields = dict(entry.fields)
    missing = []
    for key in KEYS[entry.section]:
        if key in fields or key in {"id", "name"}:
            continue
        if _required(entry, key):
            missing.append(entry.problem(key, "is required: the file says the whole"))
        else:
            fields[key] = Node(None, entry.node.line)
    if (snmp := fields.get("snmp")) is not None and snmp.fields is not None:
        fields["snmp"] = Node({**dict(_defaults(SnmpSettings)), **snmp.fields}, snmp.line)
    return replace(entry, fields=fields), missing


def _required(entry: Entry, key: str) -> bool:
    if (entry.section, key) in _ALSO_REQUIRED:
        return True
    field = MODELS[entry.section].model_fields.get(key)
    return field is not None and field.is_required() and (entry.section, key) not in _OPTIONAL


def _defaults(model: type[BaseModel]) -> Iterator[tuple[str, Node]]:
    for name, field in model.model_fields.items():
        yield name, Node(field.get_default(call_default_factory=True), 0)
