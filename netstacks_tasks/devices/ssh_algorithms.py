"""Which algorithms an SSH connection to a device may use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import asyncssh

from netstacks_tasks.devices.options import LEGACY_ALGORITHMS
from netstacks_tasks.models.inventory import Device

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
