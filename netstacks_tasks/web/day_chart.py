"""A day drawn as shares of a width, so that nothing has to be scaled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from netstacks_tasks.models.due_minutes import QUARTER, SPAN
from netstacks_tasks.web.day_plan import Bar

HEIGHT: Final = 96
_EVERY_HOURS: Final = 3
_THINNEST: Final = 7
"""Minutes that the mark of a single run is wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A full hour on the axis."""

    x: str
    label: str
    midnight: bool
    minor: bool
    """There is no room for it where the page is narrow."""
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A quarter of an hour."""

    x: str
    y: float
    height: float
    at: datetime
    count: int
    fullest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A run, or many that follow each other."""

    x: str
    width: str
    many: bool


def share(minutes: float) -> str:
    """Of what is drawn, for an attribute of an SVG element."""
    return f"{minutes / SPAN * 100:.3f}%"


def ticks(start: datetime, zone: str) -> Iterator[Tick]:
    """Every third full hour of the zone's clock."""
    for minute in range(0, SPAN, QUARTER):
        local = (start + timedelta(minutes=minute)).astimezone(ZoneInfo(zone))
        if local.minute or local.hour % _EVERY_HOURS:
            continue
        midnight = local.hour == 0
        yield Tick(
            x=share(minute),
            label=f"{local:%a %d}" if midnight else f"{local:%H:%M}",
            midnight=midnight,
            minor=local.hour % (2 * _EVERY_HOURS) != 0,
            # The outermost ones would be cut off.
            anchor="start" if minute < 30 else "end" if minute > SPAN - 30 else "middle",
        )


def columns(start: datetime, quarters: Sequence[int]) -> Iterator[Column]:
    """The quarters in which something begins."""
    top = max(quarters, default=0)
    for number, count in enumerate(quarters):
        if not count:
            continue
        height = max(round(count / top * HEIGHT, 1), 2)
        yield Column(
            x=share(number * QUARTER),
            y=HEIGHT - height,
            height=height,
            at=start + timedelta(minutes=number * QUARTER),
            count=count,
            fullest=count == top,
        )


def marks(bars: Sequence[Bar]) -> Iterator[Mark]:
    """Of a task."""
    for bar in bars:
        width = max(bar.end - bar.start, _THINNEST)
        yield Mark(x=share(min(bar.start, SPAN - _THINNEST)), width=share(width), many=bar.runs > 1)
