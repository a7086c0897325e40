"""Reads configurations with commands over SSH, for platforms NAPALM lacks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import asyncssh

from netstacks_tasks.devices.normalise import clean
from netstacks_tasks.devices.ports import CapturedConfig, HostKeys
from netstacks_tasks.devices.sanity import is_page
from netstacks_tasks.devices.ssh_session import run_command
from netstacks_tasks.devices.ssh_work import in_ssh_session
from netstacks_tasks.devices.vtysh import run_vtysh, vtysh_failed
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, DeviceTarget

_Read: TypeAlias = Callable[[asyncssh.SSHClientConnection, Device], Awaitable[CapturedConfig]]

_SHOW: Final = "show running-config"
_DOING: Final = "show its configuration"

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

    async def read_config(
        self,
        target: DeviceTarget,
        *,
        timeout: float,
        accepted: Callable[[], None] | None = None,
    ) -> CapturedConfig:
        act = _after(accepted, _vtysh)
        return await in_ssh_session(target, self._host_keys, act, timeout=timeout, doing=_DOING)


class ShellReader:
    """Linux: files and the kernel's tables, each under a title."""

    def __init__(self, host_keys: HostKeys) -> None:
        self._host_keys = host_keys

    async def read_config(
        self,
        target: DeviceTarget,
        *,
        timeout: float,
        accepted: Callable[[], None] | None = None,
    ) -> CapturedConfig:
        act = _after(accepted, _sections)
        return await in_ssh_session(target, self._host_keys, act, timeout=timeout, doing=_DOING)


def _after(accepted: Callable[[], None] | None, read: _Read) -> _Read:
    """The reading, told of first: who reads has been let in."""

    async def act(connection: asyncssh.SSHClientConnection, device: Device) -> CapturedConfig:
        if accepted is not None:
            accepted()
        return await read(connection, device)

    return act


async def _vtysh(connection: asyncssh.SSHClientConnection, device: Device) -> CapturedConfig:
    output, complaint, status = await run_vtysh(connection, device, _SHOW)
    if status == 0:
        return CapturedConfig(running=clean(output))
    raise vtysh_failed(device, _SHOW, output, complaint, status)


async def _sections(connection: asyncssh.SSHClientConnection, device: Device) -> CapturedConfig:
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
    return CapturedConfig(running=clean("\n".join(parts)))


def _fault(output: str, *, required: bool) -> str:
    if is_page(output):
        return "a web page"
    if required and not output.strip():
        return "nothing"
    # The programs end every line; a file's last line may lack its end.
    if required and not output.endswith("\n"):
        return "half a line: it was cut off"
    return ""
