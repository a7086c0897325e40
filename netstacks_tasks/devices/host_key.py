"""SSH host keys: trusted on first sight, strict ever after.

No secret is sent before the key is known: a device never seen is first asked
for its key alone, which is recorded in the inventory; from then on every
connection must show that key.
"""

from __future__ import annotations

import asyncio

import asyncssh

from netstacks_tasks.devices.ports import HostKeys
from netstacks_tasks.devices.ssh_connecting import connect
from netstacks_tasks.devices.ssh_errors import ssh_error
from netstacks_tasks.devices.ssh_options import asking_options
from netstacks_tasks.devices.tcp import open_connection
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, HostKey


async def offered_key(device: Device, *, timeout: float) -> HostKey:
    """The key the device shows now; nothing is sent but the key exchange.

    Raises:
        DeviceError: it cannot be reached or has no key.
    """
    try:
        async with asyncio.timeout(timeout):
            over = await open_connection(device, timeout=timeout)
            connection = await connect(over, asking_options(device), until="key")
    except (OSError, asyncssh.Error) as error:
        raise ssh_error(device, error) from error
    key = connection.get_server_host_key()
    connection.abort()
    await connection.wait_closed()
    if key is None:
        raise DeviceError(device.name, "key_exchange", "kex", "the device showed no host key")
    algorithm, public_key = key.export_public_key("openssh").decode().split()[:2]
    return HostKey(
        algorithm=algorithm, public_key=public_key, fingerprint=key.get_fingerprint("sha256")
    )


async def trusted_keys(
    device: Device, host_keys: HostKeys, *, timeout: float
) -> tuple[HostKey, ...]:
    """The keys to hold the device to; on first sight the one it shows.

    Raises:
        DeviceError: a first key was wanted and could not be had, or another
            session saw a different one.
    """
    known = await host_keys.known(device.id)
    if known:
        return known
    offered = await offered_key(device, timeout=timeout)
    trusted = await host_keys.trust(device.id, offered)
    if offered.public_key not in {key.public_key for key in trusted}:
        raise changed(device, trusted, offered)
    return trusted


async def why_refused(
    device: Device, trusted: tuple[HostKey, ...], error: DeviceError, *, timeout: float
) -> DeviceError:
    """The error of a connection; a changed key is told apart from other failures."""
    try:
        offered = await offered_key(device, timeout=timeout)
    except DeviceError:
        return error
    if offered.public_key in {key.public_key for key in trusted}:
        return error
    return changed(device, trusted, offered)


def changed(device: Device, trusted: tuple[HostKey, ...], offered: HostKey) -> DeviceError:
    """The failure of a device that shows another key than before."""
    before = ", ".join(f"{key.algorithm} {key.fingerprint}" for key in trusted)
    return DeviceError(
        device.name,
        "host_key",
        "host_key",
        f"the device shows {offered.algorithm} {offered.fingerprint} and {before} is trusted: "
        "someone may be in between. If it was replaced or reinstalled, accept the new key with "
        f"`netstacks device trust {device.name}`",
    )


def known_hosts_text(device: Device, trusted: tuple[HostKey, ...]) -> str:
    """The lines of a known_hosts file with this device alone."""
    name = device.host if device.port == 22 else f"[{device.host}]:{device.port}"
    return "".join(f"{name} {key.algorithm} {key.public_key}\n" for key in trusted)
