"""Ansible's inventory in its INI form."""

from __future__ import annotations

import re
import shlex
from typing import Final

from netstacks_tasks.importing.foreign.ansible_inventory import AnsibleInventory
from netstacks_tasks.importing.foreign.ansible_ranges import expanded
from netstacks_tasks.importing.nodes import Node, refused
from netstacks_tasks.importing.sources import Source

_SECTION: Final = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_WITH_PORT: Final = re.compile(r"([^:\[\]]+(?:\[[^\]]*\][^:\[\]]*)*):(\d+)")
_KINDS: Final = ("hosts", "children", "vars")


def read(source: Source) -> AnsibleInventory:
    """The file's groups, hosts and variables; raises `InvalidInput` with the line that is none."""
    inventory = AnsibleInventory(source.name)
    group, kind = "ungrouped", "hosts"
    for number, raw in enumerate(source.text().split("\n"), start=1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            group, kind = _section(source, line, number)
            inventory.group(group)
        elif kind == "hosts":
            _host(inventory, group, line, number)
        elif kind == "children":
            child = line.partition("#")[0].strip()
            inventory.group(child)
            inventory.group(group).children[child] = number
        else:
            name, value = _assignment(source, line, number)
            inventory.group(group).variables[name] = Node(_unquoted(value), number)
    return inventory


def _section(source: Source, line: str, number: int) -> tuple[str, str]:
    match = _SECTION.fullmatch(line)
    if match is None:
        raise refused(source.name, number, "write [group], [group:children] or [group:vars] here")
    kind = match[2] or "hosts"
    if kind not in _KINDS:
        raise refused(source.name, number, f"[{match[1]}:{kind}]: after the colon stands "
                      "children or vars")  # fmt: skip
    return match[1], kind


def _host(inventory: AnsibleInventory, group: str, line: str, number: int) -> None:
    try:
        pattern, *words = shlex.split(line, comments=True)
    except ValueError as error:
        raise refused(inventory.source, number, f"a quote is not closed: {error}") from None
    variables = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise refused(inventory.source, number, f"write name=value, got {word[:60]!r}")
        variables[name] = Node(value, number)
    if match := _WITH_PORT.fullmatch(pattern):
        pattern = match[1]
        variables.setdefault("ansible_port", Node(match[2], number))
    for name in names(inventory.source, pattern, number):
        inventory.add_host(group, name, number, variables)


def names(source: str, pattern: str, line: int) -> list[str]:
    """The hosts that a pattern stands for; raises `InvalidInput`."""
    try:
        return expanded(pattern)
    except ValueError as error:
        raise refused(source, line, str(error)) from None


def _assignment(source: Source, line: str, number: int) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in line.partition("="))
    if not equals or not name:
        raise refused(source.name, number, "write name=value here")
    return name, value


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.partition(" #")[0].rstrip()
