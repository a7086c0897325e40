"""The answers of NAPALM's getters, as values; -1, their word for unknown, becomes None."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from netstacks_tasks.models.operational import BgpNeighbour, Facts, InterfaceCounters

PACKETS: Final = ("unicast", "multicast", "broadcast")
"""The kinds of packets that NAPALM counts apart."""

_UNKNOWN: Final = frozenset({"", "unknown", "none", "n/a"})
_FAMILIES: Final = {"ipv4": "ipv4 unicast", "ipv6": "ipv6 unicast"}


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


def interfaces_in(
    states: Mapping[str, Any], counters: Mapping[str, Any], kinds: Sequence[str] = PACKETS
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
