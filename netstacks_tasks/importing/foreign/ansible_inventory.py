"""An Ansible inventory as its files have it: groups, hosts and variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from netstacks_tasks.importing.nodes import Node, refused

EVERYTHING: Final = "all"
_PRIORITY: Final = "ansible_group_priority"
_NO_GROUPS: Final = frozenset({EVERYTHING, "ungrouped"})


@dataclass(slots=True)
class Group:
    """A group, with the variables that its hosts have."""

    hosts: dict[str, int] = field(default_factory=dict)
    """With the lines they stand in."""
    children: dict[str, int] = field(default_factory=dict)
    variables: dict[str, Node] = field(default_factory=dict)


@dataclass(slots=True)
class AnsibleInventory:
    """What one file says; hosts are in every group above theirs."""

    source: str
    groups: dict[str, Group] = field(default_factory=dict)
    hosts: dict[str, dict[str, Node]] = field(default_factory=dict)
    """The variables of each host."""
    lines: dict[str, int] = field(default_factory=dict)

    def group(self, name: str) -> Group:
        """The group, which is there from now on."""
        return self.groups.setdefault(name, Group())

    def add_host(self, group: str, name: str, line: int, variables: dict[str, Node]) -> None:
        """Take up a host, which may have stood elsewhere already."""
        self.group(group).hosts.setdefault(name, line)
        self.lines.setdefault(name, line)
        self.hosts.setdefault(name, {}).update(variables)

    def resolved(self) -> Iterator[tuple[str, list[str], dict[str, Node]]]:
        """Every host with its groups and its variables, as Ansible has them.

        A variable's value is the one of the innermost group, of those equally far inside of
        the one with the greater `ansible_group_priority` or the later name; the host's own
        before all.

        Raises:
            InvalidInput: groups go round in a circle.
        """
        parents: dict[str, list[str]] = {}
        for name, group in self.groups.items():
            for child in group.children:
                parents.setdefault(child, []).append(name)
        depths: dict[str, int] = {}
        for name in [EVERYTHING, *self.groups]:
            self._descend(name, [], depths)

        @cache
        def above(name: str) -> frozenset[str]:
            return frozenset({name}).union(*(above(parent) for parent in parents.get(name, ())))

        of_host: dict[str, set[str]] = {name: {EVERYTHING} for name in self.hosts}
        for name, group in self.groups.items():
            for host in group.hosts:
                of_host[host] |= above(name)
        order = sorted(self.groups, key=lambda name: (depths[name], self._priority(name), name))
        places = {name: place for place, name in enumerate(order)}
        for host, variables in self.hosts.items():
            merged: dict[str, Node] = {}
            for name in sorted(of_host[host] & places.keys(), key=places.__getitem__):
                merged |= self.groups[name].variables
            merged.pop(_PRIORITY, None)
            yield host, sorted(of_host[host] - _NO_GROUPS), merged | variables

    def _descend(self, name: str, path: list[str], depths: dict[str, int]) -> None:
        """Note how far inside a group and those below it are, by the longest way."""
        if name in path:
            line = self.groups[path[-1]].children[name]
            circle = " > ".join([*path, name])
            raise refused(self.source, line, f"groups go round in a circle: {circle}")
        # A group that stands in no other one is within `all`.
        depth = len(path) + (EVERYTHING not in (name, *path[:1]))
        if depths.get(name, -1) >= depth:
            return
        depths[name] = depth
        group = self.groups.get(name)
        for child in group.children if group is not None else ():
            self._descend(child, [*path, name], depths)

    def _priority(self, name: str) -> int:
        node = self.groups[name].variables.get(_PRIORITY)
        text = str(node.value) if node is not None else "1"
        return int(text) if text.isdecimal() else 1
