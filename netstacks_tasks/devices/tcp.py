"""TCP connections to devices, made before anything is sent over them."""

from __future__ import annotations

import asyncio
import resource
import socket
from contextlib import suppress
from typing import Final

from netstacks_tasks.devices.resolving import addresses
from netstacks_tasks.devices.ssh_errors import ssh_error
from netstacks_tasks.models.inventory import Device

_OTHER_FILES: Final = 256
"""Descriptors for everything else in the process."""
_GONE_SECONDS: Final = 60
"""Until a device that answers nothing at all is gone."""
_PROBE_SECONDS: Final = 15
_WATCH: Final = {
    "TCP_KEEPIDLE": _PROBE_SECONDS,
    "TCP_KEEPINTVL": _PROBE_SECONDS,
    "TCP_KEEPCNT": _GONE_SECONDS // _PROBE_SECONDS - 1,
    "TCP_USER_TIMEOUT": _GONE_SECONDS * 1000,
}
_OPTIONS: Final = [
    (getattr(socket, name), value) for name, value in _WATCH.items() if hasattr(socket, name)
]
"""Those that this system has."""


async def open_connection(device: Device, *, timeout: float) -> socket.socket:
    """Connect to the device's SSH port, at its first address that answers.

    Raises:
        DeviceError: stage `resolve` or `connect`.
    """
    try:
        async with asyncio.timeout(timeout):
            return await _first(device)
    except OSError as error:
        raise ssh_error(device, error, "connect") from error


async def _first(device: Device) -> socket.socket:
    loop = asyncio.get_running_loop()
    failure = OSError("no address")
    for family, address in await addresses(device, device.port):
        try:
            connecting = socket.socket(family, socket.SOCK_STREAM)
            try:
                connecting.setblocking(False)
                _watch(connecting)
                await loop.sock_connect(connecting, address)
            except BaseException:
                connecting.close()
                raise
        except OSError as error:
            failure = error
        else:
            return connecting
    raise failure


def _watch(connection: socket.socket) -> None:
    """Have the system find out that the device is gone: a timer of ours is set for each packet."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _OPTIONS:
        connection.setsockopt(socket.IPPROTO_TCP, option, value)


def allowed_connections(wanted: int) -> int:
    """How many connections may be open at once: `wanted` if the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        raised = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
        return max(1, min(wanted, soft - _OTHER_FILES))
    return wanted
