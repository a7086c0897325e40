"""Where devices may be: addresses that no device has are never connected to.

Whoever may edit the inventory names hosts, and a worker that logs in to them
stands where they may not: beside a cloud's metadata service, for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SETTING: Final = "NETSTACKS_DEVICE_NETWORKS"

_NEVER: Final[tuple[tuple[Network, str], ...]] = tuple(
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "the unspecified address"),
        ("::/128", "the unspecified address"),
        ("169.254.0.0/16", "link-local, where clouds have their metadata service"),
        ("100.100.100.200/32", "a cloud's metadata service"),
        ("168.63.129.16/32", "a cloud's metadata service"),
        ("192.0.0.192/32", "a cloud's metadata service"),
        ("fd00:ec2::/64", "a cloud's metadata service"),
        ("fd20:ce::254/128", "a cloud's metadata service"),
        ("224.0.0.0/4", "a multicast address"),
        ("ff00::/8", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
)
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""NAT64: the last four bytes are an IPv4 address."""


@dataclass(frozen=True, slots=True)
class DeviceNetworks:
    """The networks that an operator allows; none: everything that a device can have."""

    allowed: Sequence[Network] = ()

    @classmethod
    def parse(cls, text: str) -> DeviceNetworks:
        """Networks with commas between, as `192.0.2.0/24, 2001:db8::/32`.

        Raises:
            ValueError: one of them is none; says how to write it.
        """
        found: list[Network] = []
        for one in text.split(","):
            try:
                if one.strip():
                    found.append(ip_network(one.strip()))
            except ValueError:
                raise ValueError(
                    "write networks as 192.0.2.0/24 and 2001:db8::/32, with commas between"
                ) from None
        return cls(tuple(found))

    def fault(self, host: str) -> str | None:
        """Why no device may have this address; None: it may, or it is a name."""
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return None
        # What an address within another stands for counts, however it is written.
        every = [address, *_within(address)]
        if self.allowed:
            if any(_is_in(every[-1], network) for network in self.allowed):
                return None
            return f"is in none of the networks of {SETTING}"
        for one in every:
            for network, what in _NEVER:
                if _is_in(one, network):
                    return f"is {what}: list its network in {SETTING} if there is a device"
        return None


def _within(address: Address) -> Sequence[Address]:
    """The IPv4 address that an IPv6 one stands for."""
    if not isinstance(address, IPv6Address):
        return []
    if address in _TRANSLATED:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    inner = address.ipv4_mapped or address.sixtofour
    return [inner] if inner is not None else []


def _is_in(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network
