"""Reads configurations with commands over SSH, for platforms NAPALM lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import asyncssh

from netstacks_tasks.devices.normalise import clean
from netstacks_tasks.devices.ports import CapturedConfig, HostKeys
from netstacks_tasks.devices.sanity import is_page
from netstacks_tasks.devices.ssh_session import run_command, ssh_session
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import Device, DeviceTarget

_SHOW: Final = "show running-config"

# What makes up a Linux machine's network configuration: a title, its command,
# and whether a machine without it has no configuration worth keeping.
_SECTIONS: Final = (
    ("hostname", "hostname", True),
    ("addresses", "ip -br address", True),
    ("routes", "ip route", True),
    ("/etc/network/interfaces", "cat /etc/network/interfaces", False),
    ("/etc/resolv.conf", "cat /etc/resolv.conf", False),
    ("/etc/hosts", "cat /etc/hosts", False),
    ("/etc/sysctl.conf", "cat /etc/sysctl.conf", False),
    ("/etc/frr/frr.conf", "cat /etc/frr/frr.conf", False),
    ("firewall", "nft list ruleset", False),
)


class VtyshReader:
    """FRR: through a login shell, or where the login shell is vtysh itself.

    FRR's vtysh shows no startup configuration over a session, so there is none.
    """

    def __init__(self, host_keys: HostKeys) -> None:
        self._host_keys = host_keys

    async def read_config(self, target: DeviceTarget, *, timeout: float) -> CapturedConfig:
        return await _within(target, self._host_keys, timeout, _vtysh)


class ShellReader:
    """Linux: files and the kernel's tables, each under a title."""

    def __init__(self, host_keys: HostKeys) -> None:
        self._host_keys = host_keys

    async def read_config(self, target: DeviceTarget, *, timeout: float) -> CapturedConfig:
        return await _within(target, self._host_keys, timeout, _sections)


async def _vtysh(connection: asyncssh.SSHClientConnection, device: Device) -> str:
    output, complaint, status = await run_command(connection, device, f"vtysh -c '{_SHOW}'")
    if status == 0 and not output.lstrip().startswith("%"):
        return output
    # Where vtysh is the login shell it takes the command itself.
    second, _, status_of_second = await run_command(connection, device, _SHOW)
    if status_of_second == 0:
        return second
    said = (output.strip() or complaint.strip() or "nothing").splitlines()[-1]
    raise DeviceError(
        device.name, "command", "bad_output", f"vtysh ended with {status} and said {said[:100]!r}"
    )


async def _sections(connection: asyncssh.SSHClientConnection, device: Device) -> str:
    parts = []
    for title, command, required in _SECTIONS:
        output, complaint, status = await run_command(connection, device, command)
        if status != 0:
            if required:
                said = (complaint.strip() or output.strip() or "nothing").splitlines()[-1]
                raise DeviceError(
                    device.name,
                    "command",
                    "bad_output",
                    f"{command!r} ended with {status} and said {said[:100]!r}",
                )
            continue
        fault = _fault(output, required=required)
        if fault:
            raise DeviceError(device.name, "capture", "bad_output", f"{command!r} printed {fault}")
        parts.append(f"### {title}\n{output.rstrip()}\n")
    return "\n".join(parts)


def _fault(output: str, *, required: bool) -> str:
    if is_page(output):
        return "a web page"
    if required and not output.strip():
        return "nothing"
    # The programs end every line; a file's last line may lack its end.
    if required and not output.endswith("\n"):
        return "half a line: it was cut off"
    return ""


async def _within(
    target: DeviceTarget,
    host_keys: HostKeys,
    timeout: float,
    read: Callable[[asyncssh.SSHClientConnection, Device], Awaitable[str]],
) -> CapturedConfig:
    device = target.device
    try:
        async with (
            asyncio.timeout(timeout),
            ssh_session(target, host_keys, timeout=timeout) as connection,
        ):
            return CapturedConfig(running=clean(await read(connection, device)))
    except DeviceError:
        raise
    except TimeoutError:
        raise DeviceTimeout(
            device.name, "command", f"did not show its configuration within {timeout:.0f} seconds"
        ) from None
