"""Turns devices of another system into the entries of an import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from netstacks_tasks.importing.entries import Entries, Entry, name_fault
from netstacks_tasks.importing.foreign.found import Choices, FoundDevice
from netstacks_tasks.importing.foreign.platforms import platform_of
from netstacks_tasks.importing.nodes import Node
from netstacks_tasks.models.ids import DeviceId


class Documents:
    """Makes entries; what keeps a device from being taken collects in `reasons`, by position."""

    def __init__(self, devices: Sequence[FoundDevice], choices: Choices) -> None:
        self._choices = choices
        self._names = Counter(device.name for device in devices)
        self._keys = Counter(device.key for device in devices)

    def reasons(self, device: FoundDevice) -> list[str]:
        """What can be said of a device before it is looked at as an entry."""
        if device.refusal:
            return [device.refusal]
        found = []
        if fault := name_fault(device.name):
            found.append(fault if device.name else "it has no name there")
        elif self._names[device.name] > 1:
            found.append(f"there are {self._names[device.name]} devices of this name there")
        elif self._keys[device.key] > 1:
            found.append(f"there are {self._keys[device.key]} devices with the id {device.key}")
        if device.host is None or device.host == "":
            found.append("it has no address there")
        if fault := platform_of(device, self._choices)[1]:
            found.append(fault)
        found += [
            f"group {group[:60]!r}: {fault}"
            for group in self.groups(device)
            if (fault := name_fault(group))
        ]
        return found

    def groups(self, device: FoundDevice) -> list[str]:
        """The groups that the other system, and the person, give a device."""
        return sorted({*device.groups, *self._choices.groups})

    def entry(
        self, device: FoundDevice, known: DeviceId | None, kept: Iterable[str]
    ) -> tuple[Entry | None, list[str]]:
        """The entry of a device, or why there is none.

        Args:
            device: one without `reasons`.
            known: the id of the device that it is in the inventory, when it came from there.
            kept: groups it has beside those of the other system.
        """
        entries = Entries()
        fields: dict[str, object] = {
            "name": device.name,
            "host": device.host,
            "platform": platform_of(device, self._choices)[0],
            "site": device.site,
            "groups": sorted({*self.groups(device), *kept}),
        }
        if known is not None:
            fields["id"] = str(known)
        if device.port is not None:
            fields["port"] = device.port
        if credential := self.credential(device):
            fields["credential"] = credential
        nodes = {name: _node(value, device.line) for name, value in fields.items()}
        one = Node([Node(nodes, device.line)], device.line)
        entries.add(device.source, Node({"devices": one}, device.line))
        told = [f"{one.field}: {one.message.removeprefix('device: ')}" for one in entries.problems]
        return (None, told) if told else (entries.found[0], [])

    def credential(self, device: FoundDevice) -> str | None:
        """The name or id of its credential; None leaves it as it is."""
        choices = self._choices
        platform = platform_of(device, choices)[0]
        for rule in choices.rules:
            values: dict[str, list[object]] = {
                "platform": [platform, *device.platforms],
                "site": [device.site],
                "group": [*self.groups(device)],
            }
            if rule.value in values[rule.field]:
                return rule.credential
        own = choices.logins.get(device.login) if device.login is not None else None
        return own or choices.credential


def _node(value: object, line: int) -> Node:
    if isinstance(value, list | tuple):
        return Node([_node(one, line) for one in value], line)
    if isinstance(value, dict):
        return Node({str(name): _node(one, line) for name, one in value.items()}, line)
    return Node(value if isinstance(value, str | int | float | bool | None) else str(value), line)
