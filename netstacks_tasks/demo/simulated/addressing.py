"""Which address and ports each device of a fleet gets."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from netstacks_tasks.demo.simulated.catalogue import DeviceSpec
from netstacks_tasks.errors import InvalidInput

SSH_PORT: Final = 2022
SNMP_PORT: Final = 1161


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where one device answers."""

    host: str
    ssh_port: int
    snmp_port: int


def own_address_each(base: str) -> bool:
    """Whether this system lets a program listen on `base` (Linux: all of 127/8)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((base, 0))
        except OSError:
            return False
    return True


def endpoints(
    specs: list[DeviceSpec],
    base: str,
    known: Mapping[str, Endpoint],
    *,
    one_address: bool | None = None,
) -> dict[str, Endpoint]:
    """The wanted endpoint of each device, by name.

    Each has an address of its own, counted up from `base`, and the usual
    ports; with `one_address` (default: where the system allows nothing else)
    all share 127.0.0.1 and differ in their ports. What an earlier start of
    the same fleet used (`known`) is used again, so that inventories and
    trusted host keys stay right.

    Raises:
        InvalidInput: `base` is not a loopback address with room for the fleet.
    """
    first = _loopback(base, len(specs))
    shared = not own_address_each(base) if one_address is None else one_address
    wanted: dict[str, Endpoint] = {}
    for spec in specs:
        endpoint = Endpoint(host=str(first + spec.index), ssh_port=SSH_PORT, snmp_port=SNMP_PORT)
        if shared:
            endpoint = Endpoint(
                host="127.0.0.1",
                ssh_port=SSH_PORT + spec.index,
                snmp_port=SNMP_PORT + spec.index,
            )
        before = known.get(spec.name)
        wanted[spec.name] = before if before and before.host == endpoint.host else endpoint
    return wanted


def _loopback(base: str, count: int) -> ipaddress.IPv4Address:
    try:
        first = ipaddress.IPv4Address(base)
    except ValueError:
        raise InvalidInput.single("base", f"{base!r} is no IPv4 address; use 127.23.0.1") from None
    if not first.is_loopback or not (first + (count - 1)).is_loopback:
        raise InvalidInput.single(
            "base", f"{base} and the {count - 1} addresses after it must lie in 127.0.0.0/8"
        )
    return first
