"""Reads the counters of interfaces over SNMP (IF-MIB), where the CLI shows none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from pysnmp.hlapi.v3arch.asyncio import ContextData, ObjectIdentity, ObjectType, bulk_walk_cmd

from netstacks_tasks.devices.snmp_engines import SnmpEngines, SnmpSession, indicated
from netstacks_tasks.devices.snmp_values import count_in, text_in
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import Device, DeviceTarget
from netstacks_tasks.models.operational import InterfaceCounters

logger = logging.getLogger(__name__)

Counters = Mapping[str, int | None]
"""By the name of the field in `InterfaceCounters`; None where the agent has none."""

_IF_ENTRY: Final = "1.3.6.1.2.1.2.2.1"
_IF_X_ENTRY: Final = "1.3.6.1.2.1.31.1.1.1"
_NAMES: Final = (f"{_IF_X_ENTRY}.1", f"{_IF_ENTRY}.2")
"""ifName and ifDescr: which of them a CLI calls the interface by differs."""
_SUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "rx_bytes": (f"{_IF_X_ENTRY}.6",),
    "tx_bytes": (f"{_IF_X_ENTRY}.10",),
    "rx_packets": (f"{_IF_X_ENTRY}.7", f"{_IF_X_ENTRY}.8", f"{_IF_X_ENTRY}.9"),
    "tx_packets": (f"{_IF_X_ENTRY}.11", f"{_IF_X_ENTRY}.12", f"{_IF_X_ENTRY}.13"),
    "rx_errors": (f"{_IF_ENTRY}.14",),
    "tx_errors": (f"{_IF_ENTRY}.20",),
    "rx_discards": (f"{_IF_ENTRY}.13",),
    "tx_discards": (f"{_IF_ENTRY}.19",),
}
"""Each field is the sum of these columns: the first alone where the others are missing."""
_ROWS_AT_ONCE: Final = 25
_MOST_INTERFACES: Final = 10_000
_TRIES: Final = 2
_LONGEST_WAIT: Final = 5.0
"""Seconds for one answer: one that comes later will not come."""


class SnmpInterfaces:
    """The counters of all interfaces of a device."""

    def __init__(self, engines: SnmpEngines) -> None:
        self._engines = engines

    async def counters(self, target: DeviceTarget, *, timeout: float) -> dict[str, Counters]:
        """The counters by interface, under each name that the agent has for it.

        Raises:
            DeviceError: the agent does not answer, or refuses.
        """
        device = target.device
        answer = min(timeout / 2, _LONGEST_WAIT)
        columns = (*_NAMES, *(column for columns in _SUMS.values() for column in columns))
        try:
            async with (
                asyncio.timeout(timeout),
                self._engines.session(target, timeout=answer, tries=_TRIES) as session,
            ):
                table = {column: await _walk(session, device, column) for column in columns}
        except TimeoutError as error:
            if isinstance(error, DeviceTimeout):
                raise
            raise DeviceTimeout(
                device.name, "check", f"no whole interface table within {timeout:.0f} seconds"
            ) from None
        return _by_name(table)

    async def add_to(
        self, interfaces: tuple[InterfaceCounters, ...], target: DeviceTarget, *, timeout: float
    ) -> tuple[InterfaceCounters, ...]:
        """The interfaces with the counters known of each.

        Without an answer they are as they were: the state of the links is worth
        having by itself, and what is unknown stays None.
        """
        try:
            counters = await self.counters(target, timeout=timeout)
        except DeviceError as error:
            logger.warning(
                "the counters of %s are unknown: %s",
                error.device,
                error.detail,
                extra={"action": "interfaces", "device": error.device},
            )
            return interfaces
        return tuple(
            interface.model_copy(update=dict(counters.get(interface.name, {})))
            for interface in interfaces
        )


async def _walk(session: SnmpSession, device: Device, column: str) -> dict[str, str | int]:
    """The column's values by the index of their row."""
    prefix = f"{column}."
    read = text_in if column in _NAMES else count_in
    values: dict[str, str | int] = {}
    async for indication, status, _, found in bulk_walk_cmd(
        session.engine,
        session.auth,
        session.transport,
        ContextData(),
        0,
        _ROWS_AT_ONCE,
        ObjectType(ObjectIdentity(column)),
        lookupMib=False,
        lexicographicMode=False,
    ):
        if indication:
            raise indicated(device, str(indication))
        if status:
            raise DeviceError(
                device.name, "check", "bad_output", f"the agent answered {status.prettyPrint()}"
            )
        before = len(values)
        for name, value in found:
            oid = str(name)
            if oid.startswith(prefix):
                values[oid.removeprefix(prefix)] = read(device, oid, value)
        # An agent that repeats itself, or never ends, would be walked for ever.
        if len(values) == before or len(values) > _MOST_INTERFACES:
            break
    return values


def _by_name(table: Mapping[str, Mapping[str, str | int]]) -> dict[str, Counters]:
    found: dict[str, Counters] = {}
    for column in _NAMES:
        for index, name in table[column].items():
            found.setdefault(
                str(name), {field: _sum(table, columns, index) for field, columns in _SUMS.items()}
            )
    return found


def _sum(
    table: Mapping[str, Mapping[str, str | int]], columns: tuple[str, ...], index: str
) -> int | None:
    first, *others = (table[column].get(index) for column in columns)
    if not isinstance(first, int):
        return None
    return first + sum(other for other in others if isinstance(other, int))
