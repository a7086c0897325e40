"""The state of a Linux machine: its programs, and FRR's where that is installed."""

from __future__ import annotations

import shlex
from functools import partial
from typing import Final

import asyncssh

from netstacks_tasks.devices.frr_state import bgp_neighbours
from netstacks_tasks.devices.kernel_state import LINKS, kernel_interfaces
from netstacks_tasks.devices.normalise import clean
from netstacks_tasks.devices.ports import HostKeys
from netstacks_tasks.devices.show_command import require_allowed
from netstacks_tasks.devices.show_output import MAX_SHOWN_BYTES, check_shown
from netstacks_tasks.devices.ssh_session import run_command
from netstacks_tasks.devices.ssh_work import in_ssh_session
from netstacks_tasks.devices.vtysh_state import uptime_in
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, DeviceTarget
from netstacks_tasks.models.operational import BgpNeighbour, Facts, InterfaceCounters

_NOT_FOUND: Final = 127
_SAID: Final = 100


class ShellState:
    """What a Linux machine does, as any login may see it."""

    def __init__(self, host_keys: HostKeys) -> None:
        self._host_keys = host_keys

    async def facts(self, target: DeviceTarget, *, timeout: float) -> Facts:
        return await in_ssh_session(
            target, self._host_keys, _facts, timeout=timeout, doing="tell its version"
        )

    async def bgp_neighbours(
        self, target: DeviceTarget, *, timeout: float
    ) -> tuple[BgpNeighbour, ...]:
        return await in_ssh_session(
            target, self._host_keys, _neighbours, timeout=timeout, doing="show its neighbours"
        )

    async def interfaces(
        self, target: DeviceTarget, *, timeout: float
    ) -> tuple[InterfaceCounters, ...]:
        return await in_ssh_session(
            target, self._host_keys, _interfaces, timeout=timeout, doing="show its interfaces"
        )

    async def show(self, target: DeviceTarget, command: str, *, timeout: float) -> str:
        allowed = require_allowed(target.device.platform, command)
        return await in_ssh_session(
            target,
            self._host_keys,
            partial(_shown, command=allowed),
            timeout=timeout,
            doing=f"answer {allowed!r}",
        )


async def _facts(connection: asyncssh.SSHClientConnection, device: Device) -> Facts:
    async def said(command: str) -> str:
        output, _, status = await run_command(connection, device, command)
        return output.strip() if status == 0 else ""

    hostname, kernel = await said("hostname"), await said("uname -r")
    if not hostname or not kernel or len(hostname.split()) > 1:
        raise DeviceError(
            device.name,
            "command",
            "bad_output",
            "'hostname' or 'uname -r' printed no name: is this a Linux machine?",
        )
    release = release_in(await said("cat /etc/os-release"))
    distribution = release.get("PRETTY_NAME") or release.get("NAME")
    return Facts(
        hostname=hostname,
        vendor=release.get("NAME", "Linux"),
        model=await said("cat /sys/class/dmi/id/product_name"),
        os_version=f"{distribution}, Linux {kernel}" if distribution else f"Linux {kernel}",
        uptime_seconds=uptime_in(await said("cat /proc/uptime")),
    )


def release_in(text: str) -> dict[str, str]:
    """The fields of an os-release file; a line that is none is left out."""
    fields = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        try:
            words = shlex.split(value)
        except ValueError:
            continue
        if equals and len(words) == 1:
            fields[name.strip()] = words[0]
    return fields


async def _neighbours(
    connection: asyncssh.SSHClientConnection, device: Device
) -> tuple[BgpNeighbour, ...]:
    _, _, status = await run_command(connection, device, "command -v vtysh")
    return await bgp_neighbours(connection, device) if status == 0 else ()


async def _interfaces(
    connection: asyncssh.SSHClientConnection, device: Device
) -> tuple[InterfaceCounters, ...]:
    interfaces = await kernel_interfaces(connection, device)
    if interfaces is None:
        raise DeviceError(
            device.name,
            "command",
            "unsupported",
            f"{LINKS!r} fails: install iproute2 4.12 or later on the device",
        )
    return interfaces


async def _shown(connection: asyncssh.SSHClientConnection, device: Device, *, command: str) -> str:
    output, complaint, status = await run_command(
        connection, device, shlex.join(command.split()), max_bytes=MAX_SHOWN_BYTES
    )
    check_shown(device, command, output)
    if status != 0:
        said = " ".join((complaint if complaint.strip() else output).split())[:_SAID]
        shown = "".join(c if c.isprintable() else "?" for c in said)
        raise DeviceError(
            device.name,
            "command",
            "unsupported" if status == _NOT_FOUND else "bad_output",
            f"{command!r} ended with {status} and said {shown!r}",
        )
    return clean(output)
