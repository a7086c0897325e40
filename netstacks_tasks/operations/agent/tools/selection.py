"""Which devices a tool looks at."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import Field

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.operations.agent.tool import Arguments


class Selection(Arguments):
    """Devices by name or group; all of them without either."""

    device: str | None = Field(
        default=None, max_length=300, description="One device, by its name in the inventory."
    )
    group: str | None = Field(
        default=None, max_length=300, description="The devices of one group, by its name."
    )


@dataclass(frozen=True, slots=True)
class Inventory:
    """The devices as they were when the attempt began, by name."""

    devices: Sequence[Device]

    @property
    def groups(self) -> list[str]:
        return sorted({group for device in self.devices for group in device.groups})

    def one(self, name: str) -> Device:
        """A device by its name.

        Raises:
            InvalidInput: there is none; names that are near are told.
        """
        for device in self.devices:
            if device.name == name:
                return device
        raise _unknown("device", name, (device.name for device in self.devices), "list_devices")

    def of(self, wanted: Selection) -> list[Device]:
        """The devices of a selection, by name.

        Raises:
            InvalidInput: there is no such device or group.
        """
        found = [self.one(wanted.device)] if wanted.device else list(self.devices)
        if not wanted.group:
            return found
        if wanted.group not in self.groups:
            raise _unknown("group", wanted.group, self.groups, "list_devices")
        within = [device for device in found if wanted.group in device.groups]
        if not within:
            raise InvalidInput.single(
                "group", f"the device {wanted.device!r} is not in the group {wanted.group!r}"
            )
        return within


def _unknown(field: str, name: str, known: Iterable[str], tool: str) -> InvalidInput:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"{tool} tells the names"
    return InvalidInput.single(field, f"there is no {field} {name[:100]!r}: {hint}")
