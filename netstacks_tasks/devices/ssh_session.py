"""An authenticated SSH connection to a device whose key was checked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncssh

from netstacks_tasks.devices.host_key import trusted_keys, why_refused
from netstacks_tasks.devices.ports import HostKeys
from netstacks_tasks.devices.ssh_connecting import connect
from netstacks_tasks.devices.ssh_errors import ssh_error
from netstacks_tasks.devices.ssh_options import ssh_options
from netstacks_tasks.devices.tcp import open_connection
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, DeviceTarget, HostKey

MAX_OUTPUT_BYTES: Final = 32 * 1024 * 1024
_CHUNK: Final = 64 * 1024


@asynccontextmanager
async def ssh_session(
    target: DeviceTarget,
    host_keys: HostKeys,
    *,
    timeout: float,
    connected: socket.socket | None = None,
) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Connect, check the host key, log in; closed at the end whatever happens.

    Args:
        target: the device and its secrets.
        host_keys: those to hold it to.
        timeout: seconds until the login has to be done.
        connected: a TCP connection to the device that nothing was sent over.

    Raises:
        DeviceError: with the stage and the cause.
    """
    device = target.device
    trusted = await trusted_keys(device, host_keys, timeout=timeout)
    connection = await _connect(target, trusted, timeout, connected)
    try:
        yield connection
    finally:
        connection.abort()
        await connection.wait_closed()


async def _connect(
    target: DeviceTarget,
    trusted: tuple[HostKey, ...],
    timeout: float,
    connected: socket.socket | None,
) -> asyncssh.SSHClientConnection:
    device = target.device
    options = ssh_options(device, target.credential, trusted)
    try:
        async with asyncio.timeout(timeout):
            # To an address that was looked at: asyncssh would ask for the name again.
            over = connected or await open_connection(device, timeout=timeout)
            return await connect(over, options)
    except (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed) as error:
        plain = ssh_error(device, error, "host_key")
        raise await why_refused(device, trusted, plain, timeout=timeout) from error
    except TimeoutError as error:
        raise ssh_error(device, error, "connect") from error
    except (OSError, asyncssh.Error) as error:
        raise ssh_error(device, error, "authenticate") from error


async def run_command(
    connection: asyncssh.SSHClientConnection,
    device: Device,
    command: str,
    *,
    max_bytes: int = MAX_OUTPUT_BYTES,
) -> tuple[str, str, int | None]:
    """Run one command: its output, what it complained, and its exit status.

    Raises:
        DeviceError: the connection broke, or the output is larger than
            `max_bytes`.
    """
    try:
        async with connection.create_process(
            command, encoding=None, stdin=asyncssh.DEVNULL
        ) as process:
            output, complaint = await asyncio.gather(
                _read(process.stdout, device, max_bytes), _read(process.stderr, device, max_bytes)
            )
            await process.wait()
            status = process.exit_status
    except (OSError, asyncssh.Error) as error:
        raise ssh_error(device, error, "command") from error
    if status is None:
        raise DeviceError(
            device.name, "command", "disconnected", f"the connection broke during {command!r}"
        )
    return decoded(output), decoded(complaint), status


async def _read(stream: asyncssh.SSHReader[bytes], device: Device, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := await stream.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise DeviceError(
                device.name, "capture", "bad_output", f"more than {max_bytes} bytes came"
            )
        parts.append(chunk)
    return b"".join(parts)


def decoded(data: bytes) -> str:
    """What a device printed, as text."""
    # Latin-1 gives every byte a character: an odd description is kept, not refused.
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
