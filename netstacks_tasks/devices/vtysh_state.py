"""The state of an FRR router: through vtysh, the kernel's tables and SNMP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import asyncssh

from netstacks_tasks.devices.frr_state import bgp_neighbours, vtysh_json
from netstacks_tasks.devices.kernel_state import kernel_interfaces
from netstacks_tasks.devices.normalise import clean
from netstacks_tasks.devices.ports import HostKeys
from netstacks_tasks.devices.show_command import require_allowed
from netstacks_tasks.devices.show_output import MAX_SHOWN_BYTES, check_shown
from netstacks_tasks.devices.snmp_interfaces import SnmpInterfaces
from netstacks_tasks.devices.ssh_session import run_command
from netstacks_tasks.devices.ssh_work import in_ssh_session
from netstacks_tasks.devices.vtysh import run_vtysh, vtysh_failed
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, DeviceTarget
from netstacks_tasks.models.operational import BgpNeighbour, Facts, InterfaceCounters

_VERSION: Final = re.compile(
    r"^FRRouting (?P<version>\S+) \((?P<hostname>[^)]+)\)(?: on (?P<system>.+?)\.?)?\s*$",
    re.MULTILINE,
)
_INTERFACES: Final = "show interface vrf all json"
_UNKNOWN_SPEEDS: Final = frozenset({0, 4294967295})


class VtyshState:
    """What an FRR router does, whether its login shell is vtysh or another.

    FRR counts no packets itself. Where the login has a shell the kernel's
    counters are read, and where it is vtysh those of the SNMP agent; without
    one they are unknown.
    """

    def __init__(self, host_keys: HostKeys, snmp: SnmpInterfaces) -> None:
        self._host_keys = host_keys
        self._snmp = snmp

    async def facts(self, target: DeviceTarget, *, timeout: float) -> Facts:
        return await in_ssh_session(
            target, self._host_keys, _facts, timeout=timeout, doing="tell its version"
        )

    async def bgp_neighbours(
        self, target: DeviceTarget, *, timeout: float
    ) -> tuple[BgpNeighbour, ...]:
        return await in_ssh_session(
            target, self._host_keys, bgp_neighbours, timeout=timeout, doing="show its neighbours"
        )

    async def interfaces(
        self, target: DeviceTarget, *, timeout: float
    ) -> tuple[InterfaceCounters, ...]:
        deadline = asyncio.get_running_loop().time() + timeout
        interfaces, counted = await in_ssh_session(
            target, self._host_keys, _interfaces, timeout=timeout, doing="show its interfaces"
        )
        if counted:
            return interfaces
        left = deadline - asyncio.get_running_loop().time()
        return await self._snmp.add_to(interfaces, target, timeout=max(left, 0.1))

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
    output, complaint, status = await run_vtysh(connection, device, "show version")
    version = _VERSION.search(output)
    if status != 0 or version is None:
        raise vtysh_failed(device, "show version", output, complaint, status)
    uptime, _, status = await run_command(connection, device, "cat /proc/uptime")
    return Facts(
        hostname=version["hostname"],
        vendor="FRRouting",
        model=version["system"] or "",
        os_version=version["version"],
        uptime_seconds=uptime_in(uptime) if status == 0 else None,
    )


def uptime_in(text: str) -> float | None:
    """Seconds, as /proc/uptime says; None for anything else."""
    match = re.fullmatch(r"\s*(\d{1,12}\.\d+) \d+\.\d+\s*", text)
    return float(match[1]) if match else None


async def _interfaces(
    connection: asyncssh.SSHClientConnection, device: Device
) -> tuple[tuple[InterfaceCounters, ...], bool]:
    """The interfaces, and whether the kernel's counters are in them."""
    zebra = await vtysh_json(connection, device, _INTERFACES)
    kernel = await kernel_interfaces(connection, device)
    if kernel is None:
        return interfaces_in(device, zebra), False
    known = {interface.name: interface for interface in interfaces_in(device, zebra)}
    return tuple(_described(interface, known.get(interface.name)) for interface in kernel), True


def _described(kernel: InterfaceCounters, zebra: InterfaceCounters | None) -> InterfaceCounters:
    """The kernel's interface with what only FRR's configuration says of it."""
    if zebra is None:
        return kernel
    return kernel.model_copy(
        update={
            "description": zebra.description or kernel.description,
            "speed_mbps": kernel.speed_mbps or zebra.speed_mbps,
        }
    )


def interfaces_in(device: Device, zebra: Mapping[str, Any]) -> tuple[InterfaceCounters, ...]:
    """The interfaces in the output of `show interface json`, without counters.

    Raises:
        DeviceError: it is not of that form.
    """
    try:
        return tuple(
            InterfaceCounters(
                name=name,
                # One that is shut has none.
                up=interface.get("operationalStatus") == "up",
                enabled=interface["administrativeStatus"] == "up",
                description=interface.get("description", ""),
                speed_mbps=_speed(interface.get("speed")),
            )
            for name, interface in zebra.items()
        )
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise DeviceError(
            device.name,
            "command",
            "bad_output",
            f"{_INTERFACES!r} printed JSON of another form ({type(error).__name__})",
        ) from error


def _speed(megabits: int | None) -> float | None:
    return None if megabits is None or megabits in _UNKNOWN_SPEEDS else float(megabits)


async def _shown(connection: asyncssh.SSHClientConnection, device: Device, *, command: str) -> str:
    output, complaint, status = await run_vtysh(
        connection, device, command, max_bytes=MAX_SHOWN_BYTES
    )
    check_shown(device, command, output)
    if status != 0:
        raise vtysh_failed(device, command, output, complaint, status)
    return clean(output)
