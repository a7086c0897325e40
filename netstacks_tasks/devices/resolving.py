"""The addresses that a device's host name stands for, and that it may have.

What is connected to is what was looked at: a name that stands for something
else a moment later gains nothing.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address

from netstacks_tasks.devices.shared_socket import Address
from netstacks_tasks.errors import DeviceError, InvalidInput
from netstacks_tasks.models.device_networks import SETTING, DeviceNetworks
from netstacks_tasks.models.inventory import Device

Addresses = list[tuple[socket.AddressFamily, Address]]


def device_networks() -> DeviceNetworks:
    """Where devices may be, as the environment says.

    Raises:
        InvalidInput: it says something else than networks.
    """
    return _parsed(os.environ.get(SETTING, ""))


@lru_cache(maxsize=8)
def _parsed(text: str) -> DeviceNetworks:
    try:
        return DeviceNetworks.parse(text)
    except ValueError as error:
        raise InvalidInput.single(SETTING, str(error)) from None


async def addresses(device: Device, port: int) -> Addresses:
    """The device's addresses, the best first.

    Raises:
        DeviceError: stage `resolve`, cause `unknown_host` or `not_permitted`.
    """
    plain = _plain(device, port)
    if plain is not None:
        return _permitted(device, plain)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(device.host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise unknown_host(device) from None
    return _permitted(device, [(family, address) for family, _, _, _, address in found])


def addresses_now(device: Device, port: int) -> Addresses:
    """The same in a thread that may wait."""
    plain = _plain(device, port)
    if plain is not None:
        return _permitted(device, plain)
    try:
        found = socket.getaddrinfo(device.host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise unknown_host(device) from None
    return _permitted(device, [(family, address) for family, _, _, _, address in found])


async def address(device: Device, port: int) -> tuple[socket.AddressFamily, Address]:
    """One address of the device, of IPv4 if it has such.

    Raises:
        DeviceError: as for `addresses`.
    """
    return best(await addresses(device, port))


def best(found: Addresses) -> tuple[socket.AddressFamily, Address]:
    """One of the addresses, of IPv4 if there is such."""
    return next((one for one in found if one[0] == socket.AF_INET), found[0])


def _plain(device: Device, port: int) -> Addresses | None:
    """No thread for what is plain to see; only the system knows the number of a zone."""
    with suppress(ValueError):
        if ip_address(device.host).version == 4:
            return [(socket.AF_INET, (device.host, port))]
        if "%" not in device.host:
            return [(socket.AF_INET6, (device.host, port, 0, 0))]
    return None


def _permitted(device: Device, found: Iterable[tuple[socket.AddressFamily, Address]]) -> Addresses:
    networks = device_networks()
    permitted, why = [], ""
    for family, where in found:
        fault = networks.fault(where[0])
        if fault is None:
            permitted.append((family, where))
        else:
            why = f"{where[0]} {fault}"
    if not permitted:
        raise DeviceError(device.name, "resolve", "not_permitted", why)
    return permitted


def unknown_host(device: Device) -> DeviceError:
    """The error of a name without an address."""
    return DeviceError(
        device.name,
        "resolve",
        "unknown_host",
        f"the name {device.host!r} has no address: correct host in the inventory",
    )
