"""Finds timezones as people name them: by a city, in any case, with a space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from netstacks_tasks.models.schedule import timezones

_OLD_NAMES: Final = ("Etc/", "SystemV/", "US/", "Canada/", "Brazil/", "Mexico/", "Chile/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One that fits, and what its clock is ahead of UTC by now."""

    name: str
    note: str


def suggestions(text: str, used: Sequence[str], own: str, limit: int) -> list[Zone]:
    """Zones that fit a text, the likeliest first; without one those that are near at hand.

    Args:
        text: a part of the name; what is typed for a city with spaces fits too.
        used: zones of the tasks there are, the most used first.
        own: the zone of the person's browser; empty: not known.
        limit: how many at most.
    """
    wanted = _plain(text)
    first = [zone for zone in dict.fromkeys((own, *used, "UTC")) if zone in timezones()]
    found = [zone for zone in _ordered() if wanted in _plain(zone)]
    found.sort(key=lambda zone: _rank(zone, wanted, first))
    return [
        Zone(name=zone, note=_note(zone, own=zone == own, used=zone in used))
        for zone in found[:limit]
    ]


@lru_cache(maxsize=1)
def _ordered() -> tuple[str, ...]:
    """Places before old names for them."""
    return tuple(
        sorted(timezones(), key=lambda zone: (zone.startswith(_OLD_NAMES) or "/" not in zone, zone))
    )


def _plain(text: str) -> str:
    return text.strip().replace("_", " ").casefold()


def _rank(zone: str, wanted: str, first: Sequence[str]) -> tuple[int, int]:
    """How well it fits: the city itself, its beginning, anything; then what is near at hand."""
    near = first.index(zone) if zone in first else len(first)
    if not wanted:
        return (0, near)
    plain = _plain(zone)
    city = plain.rpartition("/")[2]
    if wanted in {plain, city}:
        return (0, near)
    return (1 if city.startswith(wanted) else 2, near)


def _note(zone: str, *, own: bool, used: bool) -> str:
    offset = datetime.now(UTC).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    clock = f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
    why = "this browser's" if own else "in use here" if used else ""
    return f"{clock}, {why}" if why else clock
