"""Work done in one SSH session, under one time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncssh

from netstacks_tasks.devices.ports import HostKeys
from netstacks_tasks.devices.ssh_session import ssh_session
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import Device, DeviceTarget

T = TypeVar("T")


async def in_ssh_session(
    target: DeviceTarget,
    host_keys: HostKeys,
    act: Callable[[asyncssh.SSHClientConnection, Device], Awaitable[T]],
    *,
    timeout: float,
    doing: str,
) -> T:
    """What `act` makes of the connection; the session ends with it.

    Args:
        target: the device.
        host_keys: the keys to hold it to.
        act: called with the authenticated connection.
        timeout: seconds for all of it.
        doing: for the error of a device that takes longer, as in "did not <doing>".

    Raises:
        DeviceError: it cannot be reached, or failed on the way.
    """
    device = target.device
    try:
        async with (
            asyncio.timeout(timeout),
            ssh_session(target, host_keys, timeout=timeout) as connection,
        ):
            return await act(connection, device)
    except DeviceError:
        raise
    except TimeoutError:
        raise DeviceTimeout(
            device.name, "command", f"did not {doing} within {timeout:.0f} seconds"
        ) from None
