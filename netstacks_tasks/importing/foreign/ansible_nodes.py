"""Ansible's inventory in YAML, and as `ansible-inventory --list` prints it in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from netstacks_tasks.importing.foreign.ansible_ini import names
from netstacks_tasks.importing.foreign.ansible_inventory import EVERYTHING, AnsibleInventory
from netstacks_tasks.importing.nodes import DEEPEST, Node, refused
from netstacks_tasks.importing.sources import Source

_PARTS: Final = ("hosts", "children", "vars")


def read_yaml(source: Source) -> AnsibleInventory:
    """Groups as mappings of hosts, children and vars; raises `InvalidInput` with the line."""
    inventory = AnsibleInventory(source.name)
    for document in source.read("yaml").documents:
        for name, node in _fields(inventory, document).items():
            _yaml_group(inventory, name, node, 0)
    return inventory


def _yaml_group(inventory: AnsibleInventory, name: str, node: Node, depth: int) -> None:
    if depth > DEEPEST:
        raise refused(inventory.source, node.line, f"groups are nested more than {DEEPEST} deep")
    group = inventory.group(name)
    fields = _fields(inventory, node)
    for part, inner in fields.items():
        if part not in _PARTS:
            known = ", ".join(_PARTS)
            message = f"{part!r} is not known in a group: it has {known}"
            raise refused(inventory.source, inner.line, message)
    group.variables.update(_fields(inventory, fields.get("vars")))
    for pattern, variables in _fields(inventory, fields.get("hosts")).items():
        for host in names(inventory.source, pattern, variables.line):
            own = dict(_fields(inventory, variables))
            inventory.add_host(name, host, variables.line, own)
    for child, inner in _fields(inventory, fields.get("children")).items():
        group.children[child] = inner.line
        _yaml_group(inventory, child, inner, depth + 1)


def read_json(source: Source) -> AnsibleInventory:
    """Groups by name, and under `_meta` the variables of every host, those of groups included."""
    inventory = AnsibleInventory(source.name)
    root = source.read("json").documents[0]
    groups = dict(_fields(inventory, root))
    meta = _fields(inventory, groups.pop("_meta", None))
    for name, node in groups.items():
        if node.items is not None:  # as old inventory scripts have it: the hosts alone
            node = Node({"hosts": node}, node.line)  # noqa: PLW2901 - the same in a new form
        fields = _fields(inventory, node)
        group = inventory.group(name)
        group.variables.update(_fields(inventory, fields.get("vars")))
        for host, line in _names(inventory, fields.get("hosts")):
            inventory.add_host(name, host, line, {})
        group.children.update(_names(inventory, fields.get("children")))
    for host, variables in _fields(inventory, meta.get("hostvars")).items():
        inventory.add_host(EVERYTHING, host, variables.line, dict(_fields(inventory, variables)))
    return inventory


def _fields(inventory: AnsibleInventory, node: Node | None) -> Mapping[str, Node]:
    if node is None or node.value is None:
        return {}
    if node.fields is None:
        raise refused(inventory.source, node.line, "a mapping is expected here, as Ansible has it")
    return node.fields


def _names(inventory: AnsibleInventory, node: Node | None) -> list[tuple[str, int]]:
    """A list of names, with their lines."""
    if node is None or node.value is None:
        return []
    if node.items is None or not all(isinstance(one.value, str) for one in node.items):
        raise refused(inventory.source, node.line, "a list of names is expected here")
    return [(str(one.value), one.line) for one in node.items]
