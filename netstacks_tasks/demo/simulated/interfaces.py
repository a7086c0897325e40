"""Interfaces of a device as its show commands and its SNMP tables see them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from netstacks_tasks.demo.simulated.config_tree import Node
from netstacks_tasks.demo.simulated.device import SimulatedDevice

_STANZA: Final = re.compile(r"^iface (\S+) inet", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface; traffic grows by `rate` octets a second."""

    index: int
    name: str
    description: str
    address: str
    """With its prefix length; '' when it has none."""
    up: bool
    mtu: int
    mac: bytes
    rate: int
    errors: int
    """Received with errors since power-on."""
    discards: int
    """Not sent for want of room."""

    @property
    def speed(self) -> int:
        """Bits per second."""
        if self.name.startswith(("TenGigabit", "swp")):
            return 10_000_000_000
        return 1_000_000_000

    def octets(self, uptime: float, direction: str) -> int:
        """Octets counted after `uptime` seconds, `in` or `out`."""
        share = 1.0 if direction == "in" else 0.6
        return int(self.rate * share * uptime) if self.up else 0

    def packets(self, uptime: float, direction: str) -> int:
        """Packets counted after `uptime` seconds."""
        return self.octets(uptime, direction) // 620


def interfaces_of(device: SimulatedDevice) -> Sequence[Interface]:
    """The interfaces the device is configured with now."""
    if device.family == "linux":
        stanzas = device.files["/etc/network/interfaces"]
        nodes = [_linux_node(stanzas, match) for match in _STANZA.finditer(stanzas)]
    else:
        nodes = list(device.running.interfaces())
    return [_interface(device, number, node) for number, node in enumerate(nodes, 1)]


def _linux_node(stanzas: str, opening: re.Match[str]) -> Node:
    body = stanzas[opening.end() :].split("\n\n", 1)[0]
    node = Node(f"interface {opening.group(1)}")
    if opening.group(1) == "lo":
        node.put("ip address 127.0.0.1/8")
    for line in body.splitlines():
        words = line.split()
        if words[:1] == ["address"]:
            node.put(f"ip address {words[1]}")
        elif words[:1] == ["mtu"]:
            node.put(line.strip())
    return node


def _interface(device: SimulatedDevice, number: int, node: Node) -> Interface:
    name = node.text.removeprefix("interface ")
    pick = device.spec.pick
    up = node.find("shutdown") is None
    return Interface(
        index=number,
        name=name,
        description=node.value("description "),
        address=_address(node.value("ip address ")),
        up=up,
        mtu=_number(node.value("mtu ")) or 1500,
        mac=bytes([0x02, 0x1B, *pick(f"mac/{name}", 2**32).to_bytes(4)]),
        rate=1000 + pick(f"rate/{name}", 2_000_000),
        errors=pick(f"errors/{name}", 5000) if up and pick(f"faulty/{name}", 8) == 0 else 0,
        discards=pick(f"discards/{name}", 300) if up and pick(f"busy/{name}", 5) == 0 else 0,
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _address(text: str) -> str:
    """`10.0.0.1 255.255.255.0` and `10.0.0.1/24` as the latter; '' for anything else."""
    try:
        return ipaddress.ip_interface("/".join(text.split()[:2])).with_prefixlen if text else ""
    except ValueError:
        return ""
