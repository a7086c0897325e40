"""What a NAPALM driver is told to connect to, and that it goes nowhere else."""

from __future__ import annotations

import functools
import socket
from types import SimpleNamespace
from typing import Final

from netstacks_tasks.devices.napalm_errors import OVER_HTTPS
from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.devices.resolving import addresses_now, best
from netstacks_tasks.models.inventory import Device

_BY_NAME: Final = ("enforce_verification", "ssl_verify")
"""Options of drivers that check the name in the device's certificate."""


def hostname_for(device: Device) -> str:
    """An address that was looked at, for the driver looks no more.

    For a connection that is ours, and for a certificate, the name is needed;
    whoever can make a name stand for something else has no certificate of it.

    Raises:
        DeviceError: the device has no address that it may have.
    """
    family, where = best(addresses_now(device, device.port))
    if PLATFORMS[device.platform].ssh_driver or any(map(device.options.get, _BY_NAME)):
        return device.host
    literal = str(where[0])
    in_address = device.platform in OVER_HTTPS and family == socket.AF_INET6
    return f"[{literal}]" if in_address else literal


def follow_no_redirects() -> None:
    """Keep the NX-API client from asking whatever place a device's answer names."""
    import requests  # noqa: PLC0415 - as its user
    from napalm.nxapi_plumbing import api_client  # noqa: PLC0415 - as NAPALM

    api_client.requests = SimpleNamespace(
        post=functools.partial(requests.post, allow_redirects=False), packages=requests.packages
    )
