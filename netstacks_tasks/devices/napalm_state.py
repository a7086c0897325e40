"""The state of a device through NAPALM's getters.

A driver answers on a platform it does not know as well, with plausible
nonsense: what comes back is held against what every device has, and -1, its
word for what it cannot tell, becomes None.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar

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

_UNKNOWN: Final = frozenset({"", "unknown", "none", "n/a"})
_FAMILIES: Final = {"ipv4": "ipv4 unicast", "ipv6": "ipv6 unicast"}
_PLAIN_SUMMARY: Final = "show ip bgp summary"
_PACKETS: Final = ("unicast", "multicast", "broadcast")
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


def facts_in(found: Mapping[str, Any]) -> Facts:
    """The answer of `get_facts`; what it does not tell is empty."""
    return Facts(
        hostname=_text(found["hostname"]),
        vendor=_text(found["vendor"]),
        model=_text(found["model"]),
        os_version=_text(found["os_version"]),
        serial_number=_text(found.get("serial_number")),
        uptime_seconds=_number(found.get("uptime")),
    )


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


def neighbours_in(found: Mapping[str, Any]) -> Iterator[BgpNeighbour]:
    """The answer of `get_bgp_neighbors`."""
    for vrf, instance in found.items():
        for address, peer in instance["peers"].items():
            up, enabled = bool(peer["is_up"]), bool(peer["is_enabled"])
            families: Mapping[str, Mapping[str, Any]] = peer["address_family"]
            yield BgpNeighbour(
                address=address,
                remote_as=peer["remote_as"],
                local_as=peer.get("local_as") or None,
                vrf="default" if vrf == "global" else vrf,
                address_families=tuple(_FAMILIES.get(name, name) for name in families),
                state="established" if up else "down" if enabled else "idle",
                up=up,
                enabled=enabled,
                uptime_seconds=_number(peer.get("uptime")) if up else None,
                prefixes_received=_sum(families, "accepted_prefixes", "received_prefixes", up=up),
                prefixes_sent=_sum(families, "sent_prefixes", up=up),
                description=_text(peer.get("description")),
            )


def _sum(families: Mapping[str, Mapping[str, Any]], *counters: str, up: bool) -> int | None:
    """The sum over the families of the first of these counters that each tells."""
    known = []
    for counts in families.values():
        told = [count for name in counters if (count := _count(counts.get(name))) is not None]
        known += told[:1]
    return sum(known) if known and up else None


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
    kinds = _PACKETS[:1] if device.platform in _ALL_IN_UNICAST else _PACKETS
    interfaces = _parsed(
        device, "get_interfaces", lambda: tuple(interfaces_in(states, counters, kinds))
    )
    if not interfaces or any(interface.name.startswith("%") for interface in interfaces):
        raise _nonsense(device, "the device showed no interface")
    return interfaces, bool(counters)


def interfaces_in(
    states: Mapping[str, Any], counters: Mapping[str, Any], kinds: Sequence[str] = _PACKETS
) -> Iterator[InterfaceCounters]:
    """The answers of `get_interfaces` and `get_interfaces_counters`, as one.

    `kinds` are the packets that together are all of them.
    """
    for name, state in states.items():
        counted = counters.get(name, {})
        yield InterfaceCounters(
            name=name,
            up=bool(state["is_up"]),
            enabled=bool(state["is_enabled"]),
            description=_text(state.get("description")),
            speed_mbps=_number(state.get("speed")),
            rx_bytes=_count(counted.get("rx_octets")),
            tx_bytes=_count(counted.get("tx_octets")),
            rx_packets=_packets(counted, "rx", kinds),
            tx_packets=_packets(counted, "tx", kinds),
            rx_errors=_count(counted.get("rx_errors")),
            tx_errors=_count(counted.get("tx_errors")),
            rx_discards=_count(counted.get("rx_discards")),
            tx_discards=_count(counted.get("tx_discards")),
        )


def _packets(counted: Mapping[str, Any], way: str, kinds: Sequence[str]) -> int | None:
    first, *others = (_count(counted.get(f"{way}_{kind}_packets")) for kind in kinds)
    return None if first is None else first + sum(other or 0 for other in others)


def _text(value: object) -> str:
    text = str(value or "").strip()
    return "" if text.casefold() in _UNKNOWN else text


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value >= 0 else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def _shown(device: Device, driver: Any, *, command: str) -> str:  # noqa: ANN401 - as above
    answers = _got(device, f"{command!r}", lambda: driver.cli([command]))
    text = clean(str(answers.get(command, "")))
    check_shown(device, command, text)
    return text
