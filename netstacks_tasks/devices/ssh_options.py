"""The options of an SSH connection to a device; most of them are the same for all."""

from __future__ import annotations

from copy import copy
from functools import cache, lru_cache
from typing import Final

import asyncssh
from asyncssh.saslprep import SASLPrepError, saslprep

from netstacks_tasks.devices.ssh_algorithms import algorithms, needs_legacy
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, DeviceCredential, HostKey

_prepared: Final = lru_cache(maxsize=256)(saslprep)
"""A user's name, as RFC 4013 has it; thousands of devices share few."""


def ssh_options(
    device: Device, credential: DeviceCredential, trusted: tuple[HostKey, ...]
) -> asyncssh.SSHClientConnectionOptions:
    """What to connect with: the device shows one of the trusted keys, and is sent the credential.

    Raises:
        DeviceError: the credential's username or key is none, or a trusted key is.
    """
    options = _to(device)
    options.known_hosts = (_host_keys(device, trusted), (), (), (), (), (), ())
    options.username = _username(device, credential)
    if credential.password is not None:
        options.password = credential.password.get_secret_value()
    if credential.private_key is not None:
        options.client_keys = asyncssh.load_keypairs([_private_key(device, credential)])
    return options


def asking_options(device: Device) -> asyncssh.SSHClientConnectionOptions:
    """What to connect with only to see the device's key, whichever it is."""
    options = _to(device)
    options.known_hosts = None
    return options


def _to(device: Device) -> asyncssh.SSHClientConnectionOptions:
    options = copy(_common(needs_legacy(device)))
    options.orig_host = options.host = device.host
    options.port = device.port
    return options


@cache
def _common(legacy: bool) -> asyncssh.SSHClientConnectionOptions:
    """Made once: asyncssh looks at files, and at every name of an algorithm."""
    return asyncssh.SSHClientConnectionOptions(
        # Nothing of whoever runs this: what a connection may do is told here alone.
        config=None,
        agent_path=None,
        client_keys=None,
        gss_host=None,
        x509_trusted_certs=None,
        x509_trusted_cert_paths=[],
        username="",
        known_hosts=((), (), (), (), (), (), ()),
        login_timeout=0,
        **algorithms(legacy),
    )


def _host_keys(device: Device, trusted: tuple[HostKey, ...]) -> list[asyncssh.SSHKey]:
    try:
        return [asyncssh.import_public_key(f"{key.algorithm} {key.public_key}") for key in trusted]
    except asyncssh.KeyImportError:
        raise DeviceError(
            device.name,
            "host_key",
            "host_key",
            "its recorded host key cannot be read: record the one it shows with "
            f"`netstacks device trust {device.name}`",
        ) from None


def _username(device: Device, credential: DeviceCredential) -> str:
    try:
        return _prepared(credential.username)
    except SASLPrepError:
        raise DeviceError(
            device.name,
            "credential",
            "auth",
            "the credential's username holds characters that no name may have: correct it",
        ) from None


def _private_key(device: Device, credential: DeviceCredential) -> asyncssh.SSHKey:
    assert credential.private_key is not None  # noqa: S101 - asked by the caller
    phrase = credential.private_key_passphrase
    try:
        return asyncssh.import_private_key(
            credential.private_key.get_secret_value(),
            phrase.get_secret_value() if phrase else None,
        )
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise DeviceError(
            device.name,
            "credential",
            "auth",
            "the credential's private key cannot be read: check it and its passphrase",
        ) from None
