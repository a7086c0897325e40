"""SSH host keys: trusted on first sight, strict ever after.

No secret is sent before the key is known: a device never seen is first asked
for its key alone, which is recorded in the inventory; from then on every
connection must show that key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import asyncssh

from netstacks_tasks.devices.options import LEGACY_ALGORITHMS
from netstacks_tasks.devices.ports import HostKeys
from netstacks_tasks.devices.ssh_errors import ssh_error
from netstacks_tasks.devices.tcp import open_connection
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, HostKey

# ChaCha20 is as good; asyncssh's costs half of what a whole session takes.
_CIPHERS: Final = (
    "aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr,"
    "chacha20-poly1305@openssh.com"
)
_MODERN: Final[dict[str, str]] = {"encryption_algs": _CIPHERS}
_LEGACY: Final[dict[str, str]] = {
    "kex_algs": "+diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,"
    "diffie-hellman-group1-sha1",
    "encryption_algs": f"{_CIPHERS},aes256-cbc,aes192-cbc,aes128-cbc,3des-cbc",
    "mac_algs": "+hmac-sha1,hmac-sha1-96,hmac-md5",
    "signature_algs": "+ssh-rsa",
}


def needs_legacy(device: Device) -> bool:
    """Whether the device may be offered what is considered broken."""
    return bool(device.options.get(LEGACY_ALGORITHMS))


@cache
def algorithms(legacy: bool) -> Mapping[str, Any]:
    """The options of an SSH connection that say which algorithms it may use.

    The names are lists: patterns would be looked up anew for every device, in up to 1 ms.
    """
    wanted = _LEGACY if legacy else _MODERN
    meant = asyncssh.SSHClientConnectionOptions(config=None, **wanted)
    return {kind: [name.decode() for name in getattr(meant, kind)] for kind in wanted}


async def offered_key(device: Device, *, timeout: float) -> HostKey:
    """The key the device shows now; nothing is sent but the key exchange.

    Raises:
        DeviceError: it cannot be reached or has no key.
    """
    known = algorithms(needs_legacy(device))
    try:
        async with asyncio.timeout(timeout):
            key = await asyncssh.get_server_host_key(
                device.host,
                device.port,
                sock=await open_connection(device, timeout=timeout),
                config=None,
                kex_algs=known.get("kex_algs", ()),
                options=asyncssh.SSHClientConnectionOptions(config=None, **known),
            )
    except (OSError, asyncssh.Error) as error:
        raise ssh_error(device, error) from error
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
