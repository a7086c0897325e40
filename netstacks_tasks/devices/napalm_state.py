"""The state of a device through NAPALM's getters.

A driver answers on a platform it does not know as well, with plausible
nonsense: what comes back is held against what every device has.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from netstacks_tasks.devices.napalm_answers import (
    PACKETS,
    facts_in,
    interfaces_in,
    neighbours_in,
)
from netstacks_tasks.devices.napalm_errors import napalm_error
from netstacks_tasks.devices.napalm_session import in_session
from netstacks_tasks.devices.normalise import clean
from netstacks_tasks.devices.ports import HostKeys
from netstacks_tasks.devices.show_command import require_allowed
from netstacks_tasks.devices.show_output import check_shown
from netstacks_tasks.devices.snmp_interfaces import SnmpInterfaces
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, DeviceTarget
from netstacks_tasks.models.operational import BgpNeighbour, Facts, InterfaceCounters

T = TypeVar("T")

_PLAIN_SUMMARY: Final = "show ip bgp summary"
# Their drivers give the number of all packets as that of the unicast ones.
_ALL_IN_UNICAST: Final = frozenset({"ios", "iosxr"})


class NapalmState:
    """What a device does, of every platform that NAPALM has a driver for.

    The drivers of NX-OS show no counters: those of its SNMP agent are read.
    No driver tells more of a session's state than whether it is established:
    the others are `down`, and `idle` where it is shut.
    """

    def __init__(self, host_keys: HostKeys, snmp: SnmpInterfaces) -> None:
        self._host_keys = host_keys
        self._snmp = snmp

    async def facts(self, target: DeviceTarget, *, timeout: float) -> Facts:
        return await self._read(target, _facts, timeout, "tell its version")

    async def bgp_neighbours(
        self, target: DeviceTarget, *, timeout: float
    ) -> tuple[BgpNeighbour, ...]:
        return await self._read(target, _neighbours, timeout, "show its neighbours")

    async def interfaces(
        self, target: DeviceTarget, *, timeout: float
    ) -> tuple[InterfaceCounters, ...]:
        deadline = asyncio.get_running_loop().time() + timeout
        interfaces, counted = await self._read(target, _interfaces, timeout, "show its interfaces")
        if counted:
            return interfaces
        left = deadline - asyncio.get_running_loop().time()
        return await self._snmp.add_to(interfaces, target, timeout=max(left, 0.1))

    async def show(self, target: DeviceTarget, command: str, *, timeout: float) -> str:
        allowed = require_allowed(target.device.platform, command)
        return await self._read(
            target, partial(_shown, command=allowed), timeout, f"answer {allowed!r}"
        )

    async def _read(
        self,
        target: DeviceTarget,
        read: Callable[[Device, Any], T],
        timeout: float,
        doing: str,
    ) -> T:
        return await in_session(
            target,
            self._host_keys,
            partial(read, target.device),
            timeout=timeout,
            doing=doing,
        )


def _got(device: Device, getter: str, ask: Callable[[], T]) -> T:
    """What a getter returns; whatever it raises as one of our errors."""
    try:
        return ask()
    except NotImplementedError:
        raise DeviceError(
            device.name,
            "command",
            "unsupported",
            f"NAPALM's driver for {device.platform} has no {getter}",
        ) from None
    except Exception as error:
        known = napalm_error(device, error, opened=True)
        if known.cause != "internal":
            raise known from error
        raise DeviceError(
            device.name,
            "command",
            "bad_output",
            f"{getter}: the device refused it, or its driver does not understand the answer "
            f"({type(error).__name__})",
        ) from error


def _parsed(device: Device, getter: str, parse: Callable[[], T]) -> T:
    """What `parse` makes of a getter's answer.

    Raises:
        DeviceError: the answer is not of the form that NAPALM promises.
    """
    try:
        return parse()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _nonsense(
            device, f"{getter} returned another form ({type(error).__name__})"
        ) from error


def _nonsense(device: Device, what: str) -> DeviceError:
    hint = f"{what}: is its platform {device.platform}?"
    return DeviceError(device.name, "command", "bad_output", hint)


def _facts(device: Device, driver: Any) -> Facts:  # noqa: ANN401 - NAPALM's is untyped
    found = _got(device, "get_facts", driver.get_facts)
    facts = _parsed(device, "get_facts", lambda: facts_in(found))
    if not facts.hostname or not facts.os_version:
        raise _nonsense(device, "the device told no host name or no version")
    return facts


def _neighbours(device: Device, driver: Any) -> tuple[BgpNeighbour, ...]:  # noqa: ANN401 - as above
    found = _got(device, "get_bgp_neighbors", driver.get_bgp_neighbors)
    neighbours = _parsed(device, "get_bgp_neighbors", lambda: tuple(neighbours_in(found)))
    if device.platform != "ios":
        return neighbours
    if not neighbours:
        _check_no_bgp(device, driver)
    # The driver hands a description down to the neighbours that have none.
    times = Counter(neighbour.description for neighbour in neighbours)
    return tuple(
        neighbour.model_copy(update={"description": ""})
        if times[neighbour.description] > 1
        else neighbour
        for neighbour in neighbours
    )


def _check_no_bgp(device: Device, driver: Any) -> None:  # noqa: ANN401 - as above
    # Its driver takes a device that does not know, or may not run, the command it
    # sends for one without BGP.
    shown = _got(device, _PLAIN_SUMMARY, lambda: driver.cli([_PLAIN_SUMMARY])[_PLAIN_SUMMARY])
    if "BGP router identifier" in shown:
        raise DeviceError(
            device.name,
            "command",
            "unsupported",
            "it runs BGP, but refuses 'show bgp all summary', which NAPALM's ios driver reads: "
            f"use the command {_PLAIN_SUMMARY!r}",
        )


def _interfaces(
    device: Device,
    driver: Any,  # noqa: ANN401 - as above
) -> tuple[tuple[InterfaceCounters, ...], bool]:
    """The interfaces, and whether the driver counts what passes them."""
    states = _got(device, "get_interfaces", driver.get_interfaces)
    try:
        counters = _got(device, "get_interfaces_counters", driver.get_interfaces_counters)
    except DeviceError as error:
        if error.cause != "unsupported":
            raise
        counters = {}
    kinds = PACKETS[:1] if device.platform in _ALL_IN_UNICAST else PACKETS
    interfaces = _parsed(
        device, "get_interfaces", lambda: tuple(interfaces_in(states, counters, kinds))
    )
    if not interfaces or any(interface.name.startswith("%") for interface in interfaces):
        raise _nonsense(device, "the device showed no interface")
    return interfaces, bool(counters)


def _shown(device: Device, driver: Any, *, command: str) -> str:  # noqa: ANN401 - as above
    answers = _got(device, f"{command!r}", lambda: driver.cli([command]))
    text = clean(str(answers.get(command, "")))
    check_shown(device, command, text)
    return text
