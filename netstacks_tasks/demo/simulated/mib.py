"""The objects a simulated device's SNMP agent knows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Final

from netstacks_tasks.demo.simulated import ber, ios_show
from netstacks_tasks.demo.simulated.ber import Oid
from netstacks_tasks.demo.simulated.device import SimulatedDevice
from netstacks_tasks.demo.simulated.interfaces import Interface, interfaces_of

Value = Callable[[], bytes]
"""Encodes the object's present value."""

SYSTEM: Final[Oid] = (1, 3, 6, 1, 2, 1, 1)
_IF_NUMBER: Final[Oid] = (1, 3, 6, 1, 2, 1, 2, 1, 0)
_IF_ENTRY: Final[Oid] = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_IF_X_ENTRY: Final[Oid] = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
# 32473 is the enterprise number set apart for examples (RFC 5612).
_SYS_OBJECT_ID: Final[Oid] = (1, 3, 6, 1, 4, 1, 32473, 2)
_ROUTING_SERVICES: Final = 78
_ETHERNET: Final = 6
_LOOPBACK: Final = 24


class Mib:
    """Objects in the order SNMP walks them; follows changes of the configuration."""

    def __init__(self, device: SimulatedDevice) -> None:
        self._device = device
        self._revision = -1
        self._oids: list[Oid] = []
        self._values: dict[Oid, Value] = {}

    def get(self, oid: Oid) -> bytes:
        """The encoded value, or the exception that says why there is none."""
        self._refresh()
        value = self._values.get(oid)
        if value:
            return value()
        known_column = any(known[:-1] == oid[:-1] for known in self._oids)
        return ber.NO_SUCH_INSTANCE if known_column else ber.NO_SUCH_OBJECT

    def after(self, oid: Oid) -> tuple[Oid, bytes]:
        """The object that follows, or the same one with endOfMibView."""
        self._refresh()
        position = bisect_right(self._oids, oid)
        if position == len(self._oids):
            return oid, ber.END_OF_MIB_VIEW
        following = self._oids[position]
        return following, self._values[following]()

    def _refresh(self) -> None:
        if self._revision == self._device.running.revision:
            return
        self._revision = self._device.running.revision
        self._values = _system(self._device)
        ports = interfaces_of(self._device)
        count = len(ports)
        self._values[_IF_NUMBER] = lambda: ber.integer(count)
        for port in ports:
            for column, value in _interface(self._device, port).items():
                self._values[(*column, port.index)] = value
        self._oids = sorted(self._values)


def _text(text: str) -> Value:
    encoded = ber.octets(text.encode())
    return lambda: encoded


def _fixed(number: int, tag: int = ber.INTEGER) -> Value:
    encoded = ber.integer(number, tag)
    return lambda: encoded


def _system(device: SimulatedDevice) -> dict[Oid, Value]:
    root = device.running.root
    location = root.value("snmp-server location ") or device.spec.site
    object_id = ber.object_id(_SYS_OBJECT_ID)
    values: dict[int, Value] = {
        1: _text(description(device)),
        2: lambda: object_id,
        3: lambda: ber.integer(int(device.uptime * 100) % 2**32, ber.TIME_TICKS),
        4: _text(root.value("snmp-server contact ") or "noc@example.net"),
        5: lambda: ber.octets(device.hostname.encode()),
        6: _text(location),
        7: _fixed(_ROUTING_SERVICES),
    }
    return {(*SYSTEM, number, 0): value for number, value in values.items()}


def description(device: SimulatedDevice) -> str:
    """SysDescr, as software of the family words it."""
    if device.family == "ios":
        return ios_show.version_line(device)
    if device.family == "frr":
        return f"FRRouting 10.2.1 on Linux {device.spec.name} 6.1.0-28-amd64"
    return f"Linux {device.spec.name} 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC x86_64"


def _interface(device: SimulatedDevice, port: Interface) -> dict[Oid, Value]:
    loopback = port.name.lower().startswith("lo")
    state = 1 if port.up else 2

    def counter(direction: str, *, packets: bool = False, wide: bool = False) -> Value:
        def value() -> bytes:
            count = (port.packets if packets else port.octets)(device.uptime, direction)
            if wide:
                return ber.integer(count, ber.COUNTER64)
            return ber.integer(count % 2**32, ber.COUNTER32)

        return value

    table: dict[int, Value] = {
        1: _fixed(port.index),
        2: _text(port.name),
        3: _fixed(_LOOPBACK if loopback else _ETHERNET),
        4: _fixed(port.mtu),
        5: _fixed(min(port.speed, 2**32 - 1), ber.GAUGE32),
        6: lambda: ber.octets(b"" if loopback else port.mac),
        7: _fixed(state),
        8: _fixed(state),
        9: _fixed(0, ber.TIME_TICKS),
        10: counter("in"),
        11: counter("in", packets=True),
        13: _fixed(0, ber.COUNTER32),
        14: _fixed(port.errors, ber.COUNTER32),
        16: counter("out"),
        17: counter("out", packets=True),
        19: _fixed(port.discards, ber.COUNTER32),
        20: _fixed(0, ber.COUNTER32),
    }
    extended: dict[int, Value] = {
        1: _text(port.name),
        6: counter("in", wide=True),
        7: counter("in", packets=True, wide=True),
        10: counter("out", wide=True),
        11: counter("out", packets=True, wide=True),
        15: _fixed(port.speed // 1_000_000, ber.GAUGE32),
        18: _text(port.description),
    }
    return {(*_IF_ENTRY, column): value for column, value in table.items()} | {
        (*_IF_X_ENTRY, column): value for column, value in extended.items()
    }
