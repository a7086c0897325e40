"""Why an SSH connection failed, in the words of the history."""

from __future__ import annotations

import socket

import asyncssh

from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.causes import Stage
from netstacks_tasks.models.inventory import Device


def ssh_error(device: Device, error: Exception, stage: Stage = "connect") -> DeviceError:
    """The error as one of the device; `stage` is where it came up, unless it says itself."""
    known = _asyncssh_error(device, error) or socket_error(device, error, stage)
    return known or DeviceError(
        device.name, stage, "internal", f"an unexpected {type(error).__name__}"
    )


def socket_error(device: Device, error: BaseException, stage: Stage) -> DeviceError | None:
    """What the operating system says; None when it is something else."""
    where = f"{device.host} port {device.port}"
    if isinstance(error, ConnectionRefusedError):
        return DeviceError(
            device.name, "connect", "refused", f"{where} refuses connections: is its SSH on?"
        )
    if isinstance(error, socket.gaierror):
        return DeviceError(
            device.name,
            "resolve",
            "unknown_host",
            f"the name {device.host!r} has no address: correct host in the inventory",
        )
    if isinstance(error, TimeoutError):
        return DeviceTimeout(device.name, stage, f"{where} did not answer in time")
    if isinstance(error, ConnectionError | EOFError):
        return DeviceError(device.name, stage, "disconnected", f"{where} closed the connection")
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return DeviceError(
            device.name, stage, "unreachable", f"{where} cannot be reached: {reason}"
        )
    return None


def _asyncssh_error(device: Device, error: Exception) -> DeviceError | None:
    if isinstance(error, asyncssh.PermissionDenied):
        return DeviceError(
            device.name,
            "authenticate",
            "auth",
            "the device refused the login: check the credential's username and password or key",
        )
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return DeviceError(
            device.name,
            "key_exchange",
            "kex",
            f"no algorithm in common ({error.reason}): for old devices set the option "
            "legacy_algorithms: true",
        )
    if isinstance(error, asyncssh.ProtocolError | asyncssh.ConnectionLost):
        return DeviceError(
            device.name, "key_exchange", "disconnected", f"the SSH connection broke: {error.reason}"
        )
    if isinstance(error, asyncssh.DisconnectError):
        return DeviceError(
            device.name, "connect", "disconnected", f"the device ended it: {error.reason}"
        )
    if isinstance(error, asyncssh.ChannelOpenError):
        return DeviceError(
            device.name, "command", "disconnected", f"no session was opened: {error.reason}"
        )
    return None
