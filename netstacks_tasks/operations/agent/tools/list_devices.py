"""What is in the inventory."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pydantic import Field

from netstacks_tasks.models.inventory import Device
from netstacks_tasks.operations.agent.tool import Found, Tool
from netstacks_tasks.operations.agent.tools.selection import Inventory, Selection
from netstacks_tasks.operations.deadline import Deadline


class ListDevices(Selection):
    """Filters; a device must fit all that are given."""

    platform: str | None = Field(
        default=None, max_length=100, description="For example ios, eos, junos, frr, linux."
    )
    site: str | None = Field(default=None, max_length=300, description="The site's name.")
    name: str | None = Field(
        default=None, max_length=300, description="Part of the device's name, in any case."
    )


def list_devices(inventory: Inventory) -> Tool[ListDevices]:
    """The tool; it asks no device."""

    async def call(wanted: ListDevices, _: Deadline) -> Found:
        found = [device for device in inventory.of(wanted) if _fits(device, wanted)]
        return {
            "count": len(found),
            "by_platform": dict(Counter(device.platform for device in found)),
            "devices": [_row(device) for device in found],
        }

    return Tool(
        name="list_devices",
        description="List devices of the inventory with platform, site and groups. Asks no device.",
        arguments=ListDevices,
        call=call,
        narrow="filter by group, platform, site or part of the name",
    )


def _fits(device: Device, wanted: ListDevices) -> bool:
    return (
        (wanted.platform is None or device.platform == wanted.platform.lower())
        and (wanted.site is None or (device.site or "").lower() == wanted.site.lower())
        and (wanted.name is None or wanted.name.lower() in device.name.lower())
    )


def _row(device: Device) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": device.name,
        "platform": device.platform,
        "groups": list(device.groups),
    }
    return row if device.site is None else row | {"site": device.site}
