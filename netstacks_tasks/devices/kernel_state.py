"""Interfaces as the Linux kernel counts them (`ip -s -j link`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import asyncssh

from netstacks_tasks.devices.ssh_session import run_command
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.operational import InterfaceCounters

LINKS: Final = "ip -s -j link"
_SPEEDS: Final = "grep -H . /sys/class/net/*/speed"
_DOWN: Final = frozenset({"DOWN", "LOWERLAYERDOWN", "DORMANT", "NOTPRESENT"})
_COUNTED: Final = {"bytes": "bytes", "packets": "packets", "errors": "errors"} | {
    "dropped": "discards"
}
_SAID: Final = 100
_SPEED: Final = re.compile(r"\d{1,9}", re.ASCII)


async def kernel_interfaces(
    connection: asyncssh.SSHClientConnection, device: Device
) -> tuple[InterfaceCounters, ...] | None:
    """The kernel's interfaces; None where the login has no such program.

    Raises:
        DeviceError: the program printed something else.
    """
    output, _, status = await run_command(connection, device, LINKS)
    if status != 0:
        return None
    interfaces = interfaces_in(device, output)
    # A link that is down has no speed to show, for which grep ends with a failure.
    speeds = speeds_in((await run_command(connection, device, _SPEEDS))[0])
    return tuple(
        interface.model_copy(update={"speed_mbps": speeds.get(interface.name)})
        for interface in interfaces
    )


def interfaces_in(device: Device, output: str) -> tuple[InterfaceCounters, ...]:
    """The interfaces in the output of `ip -s -j link`.

    Raises:
        DeviceError: it is not of that form.
    """
    try:
        found = tuple(_interfaces(json.loads(output)))
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        shown = "".join(c if c.isprintable() else "?" for c in output.strip()[:_SAID])
        raise DeviceError(
            device.name,
            "command",
            "bad_output",
            f"{LINKS!r} printed no list of interfaces but {shown!r}",
        ) from error
    if not found:
        raise DeviceError(device.name, "command", "bad_output", f"{LINKS!r} printed no interface")
    return found


def _interfaces(links: list[Mapping[str, Any]]) -> Iterator[InterfaceCounters]:
    for link in links:
        # Old iproute2 leaves an empty object where it has nothing to say.
        if link:
            yield _interface(link)


def _interface(link: Mapping[str, Any]) -> InterfaceCounters:
    flags = link["flags"]
    enabled = "UP" in flags
    counted = link.get("stats64") or link.get("stats") or {}
    return InterfaceCounters.model_validate(
        {
            "name": link["ifname"],
            # Tunnels and the loopback tell no state, only that their carrier is there.
            "up": enabled and "LOWER_UP" in flags and link.get("operstate") not in _DOWN,
            "enabled": enabled,
            "description": link.get("ifalias", ""),
        }
        | {
            f"{way}_{field}": counted.get(way, {}).get(kernel)
            for way in ("rx", "tx")
            for kernel, field in _COUNTED.items()
        }
    )


def speeds_in(output: str) -> dict[str, float]:
    """Speeds in Mbit/s by interface, of lines like `/sys/class/net/eth0/speed:1000`."""
    speeds = {}
    for line in output.splitlines():
        path, _, value = line.rpartition(":")
        # The kernel says -1 for a speed it does not know.
        if path.endswith("/speed") and _SPEED.fullmatch(value.strip()):
            speeds[path.split("/")[-2]] = float(value.strip())
    return speeds
