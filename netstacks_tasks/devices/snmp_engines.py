"""What everything read over SNMP shares: engines, logins, errors."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch.asyncio import (
    USM_AUTH_HMAC96_MD5,
    USM_AUTH_HMAC96_SHA,
    USM_AUTH_HMAC128_SHA224,
    USM_AUTH_HMAC192_SHA256,
    USM_AUTH_HMAC256_SHA384,
    USM_AUTH_HMAC384_SHA512,
    USM_AUTH_NONE,
    USM_PRIV_CBC56_DES,
    USM_PRIV_CBC168_3DES,
    USM_PRIV_CFB128_AES,
    USM_PRIV_CFB192_AES,
    USM_PRIV_CFB256_AES,
    USM_PRIV_NONE,
    CommunityData,
    SnmpEngine,
    Udp6TransportTarget,
    UdpTransportTarget,
    UsmUserData,
)

from netstacks_tasks.devices.resolving import address
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget

_AUTH: Final = {
    "none": USM_AUTH_NONE,
    "md5": USM_AUTH_HMAC96_MD5,
    "sha": USM_AUTH_HMAC96_SHA,
    "sha224": USM_AUTH_HMAC128_SHA224,
    "sha256": USM_AUTH_HMAC192_SHA256,
    "sha384": USM_AUTH_HMAC256_SHA384,
    "sha512": USM_AUTH_HMAC384_SHA512,
}
_PRIV: Final = {
    "none": USM_PRIV_NONE,
    "des": USM_PRIV_CBC56_DES,
    "3des": USM_PRIV_CBC168_3DES,
    "aes128": USM_PRIV_CFB128_AES,
    "aes192": USM_PRIV_CFB192_AES,
    "aes256": USM_PRIV_CFB256_AES,
}
_MOST_SESSIONS: Final = 150
_REFUSED: Final = ("user", "digest", "decryption", "ciphering", "security level", "authentic")

Auth: TypeAlias = CommunityData | UsmUserData
Transport: TypeAlias = UdpTransportTarget | Udp6TransportTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpSession:
    """What pysnmp wants to be given with every request."""

    engine: SnmpEngine
    auth: Auth
    transport: Transport


class SnmpEngines:
    """One engine for all v2c devices and one per v3 user and keys, renewed now and then.

    An engine costs as much as ten requests, and keeps only one set of keys for
    a user name. It never forgets a device, and each that it knows makes the
    next one dearer.
    """

    def __init__(self) -> None:
        self._engines: dict[object, _Lease] = {}
        self._all: set[_Lease] = set()

    @asynccontextmanager
    async def session(
        self, target: DeviceTarget, *, timeout: float, tries: int
    ) -> AsyncIterator[SnmpSession]:
        """Ask the device's agent; what pysnmp raises within is raised as `DeviceError`.

        Args:
            target: the device and its SNMP secrets.
            timeout: seconds that one answer may take.
            tries: how often a request is sent within them.
        """
        device = target.device
        auth, shared_by = _auth(device, target.credential)
        family, where = await address(device, device.snmp.port)
        kind = Udp6TransportTarget if family == socket.AF_INET6 else UdpTransportTarget
        with self._engine(shared_by) as engine:
            try:
                transport = await kind.create(where[:2], timeout=timeout / tries, retries=tries - 1)
                yield SnmpSession(engine=engine, auth=auth, transport=transport)
            except PySnmpError as error:
                raise _unexpected(device, error) from None

    def close(self) -> None:
        """Close every engine's sockets."""
        self._engines.clear()
        while self._all:
            self._all.pop().engine.close_dispatcher()

    @contextmanager
    def _engine(self, shared_by: object) -> Iterator[SnmpEngine]:
        lease = self._engines.get(shared_by)
        if lease is None or lease.sessions >= _MOST_SESSIONS:
            lease = self._engines[shared_by] = _Lease(SnmpEngine())
            self._all.add(lease)
        lease.sessions += 1
        lease.busy += 1
        try:
            yield lease.engine
        finally:
            lease.busy -= 1
            if not lease.busy and lease is not self._engines.get(shared_by):
                self._all.discard(lease)
                lease.engine.close_dispatcher()


@dataclass(slots=True, eq=False)
class _Lease:
    engine: SnmpEngine
    sessions: int = 0
    """That it has served or serves."""
    busy: int = 0


def _auth(device: Device, credential: DeviceCredential) -> tuple[Auth, object]:
    if device.snmp.version == "v2c":
        return CommunityData(community_of(device, credential), mpModel=1), "v2c"  # noqa: S508 - what the device speaks
    if not credential.snmp_user:
        raise _lacks(device, "snmp_user, which SNMP v3 needs")
    auth_key, priv_key = credential.snmp_auth_key, credential.snmp_priv_key
    if credential.snmp_auth_protocol != "none" and auth_key is None:
        raise _lacks(device, "snmp_auth_key")
    if credential.snmp_priv_protocol != "none" and priv_key is None:
        raise _lacks(device, "snmp_priv_key")
    keys = (
        auth_key.get_secret_value() if auth_key else None,
        priv_key.get_secret_value() if priv_key else None,
    )
    user = UsmUserData(
        credential.snmp_user,
        *keys,
        authProtocol=_AUTH[credential.snmp_auth_protocol],
        privProtocol=_PRIV[credential.snmp_priv_protocol],
    )
    protocols = (credential.snmp_auth_protocol, credential.snmp_priv_protocol)
    return user, (credential.snmp_user, keys, protocols)


def community_of(device: Device, credential: DeviceCredential) -> str:
    """The community of an SNMP v2c device.

    Raises:
        DeviceError: the credential has none.
    """
    if credential.snmp_community is None:
        raise _lacks(device, "snmp_community, which SNMP v2c needs")
    return credential.snmp_community.get_secret_value()


def _lacks(device: Device, what: str) -> DeviceError:
    return DeviceError(device.name, "credential", "auth", f"the credential has no {what}")


def indicated(device: Device, indication: str) -> DeviceError:
    """The error that pysnmp indicates instead of an answer."""
    where = f"{device.host} port {device.snmp.port}"
    said = indication.casefold()
    if "timeout" in said or "no snmp response" in said:
        hint = " (a wrong community looks the same)" if device.snmp.version == "v2c" else ""
        return DeviceTimeout(device.name, "check", f"no SNMP answer from {where}{hint}")
    if any(word in said for word in _REFUSED):
        return DeviceError(
            device.name, "check", "auth", f"the agent refused the SNMP v3 login: {indication}"
        )
    return DeviceError(device.name, "check", "bad_output", f"SNMP failed: {indication}")


def _unexpected(device: Device, error: PySnmpError) -> DeviceError:
    if "resolve" in str(error).casefold() or "getaddrinfo" in str(error).casefold():
        return DeviceError(
            device.name,
            "resolve",
            "unknown_host",
            f"the name {device.host!r} has no address: correct host in the inventory",
        )
    # Its text may hold keys.
    return DeviceError(device.name, "check", "internal", f"SNMP failed with {type(error).__name__}")
