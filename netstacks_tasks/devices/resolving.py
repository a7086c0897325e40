"""The address that a device's host name stands for."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from ipaddress import ip_address

from netstacks_tasks.devices.shared_socket import Address
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device


async def addresses(device: Device, port: int) -> list[tuple[socket.AddressFamily, Address]]:
    """The device's addresses, the best first.

    Raises:
        DeviceError: stage `resolve`, cause `unknown_host`.
    """
    with suppress(ValueError):
        # No thread for what is plain to see; only the system knows the number of a zone.
        if ip_address(device.host).version == 4:
            return [(socket.AF_INET, (device.host, port))]
        if "%" not in device.host:
            return [(socket.AF_INET6, (device.host, port, 0, 0))]
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(device.host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise unknown_host(device) from None
    return [(family, address) for family, _, _, _, address in found]


async def address(device: Device, port: int) -> tuple[socket.AddressFamily, Address]:
    """One address of the device, of IPv4 if it has such.

    Raises:
        DeviceError: stage `resolve`, cause `unknown_host`.
    """
    found = await addresses(device, port)
    return next((one for one in found if one[0] == socket.AF_INET), found[0])


def unknown_host(device: Device) -> DeviceError:
    """The error of a name without an address."""
    return DeviceError(
        device.name,
        "resolve",
        "unknown_host",
        f"the name {device.host!r} has no address: correct host in the inventory",
    )
