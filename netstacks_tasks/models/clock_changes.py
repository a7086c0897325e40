"""When the clock of a timezone is put on or back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_STEP = timedelta(hours=12)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """One change of a zone's clock."""

    at: datetime
    """The first moment with the new offset, in UTC."""
    before: datetime
    """What the clock would have shown then, had it not been changed."""
    after: datetime
    """What it shows."""

    @property
    def shift(self) -> timedelta:
        """By how much it was put on; negative: back."""
        return self.after.replace(tzinfo=None) - self.before.replace(tzinfo=None)

    def __str__(self) -> str:
        way = "on" if self.shift > timedelta() else "back"
        return f"{self.before:%a %Y-%m-%d}: the clock is put {way} from {_clock(self)}"


def _clock(change: ClockChange) -> str:
    return f"{change.before:%H:%M} to {change.after:%H:%M}"


def clock_changes(timezone: str, start: datetime, end: datetime) -> Iterator[ClockChange]:
    """The changes later than `start` and not later than `end` (both aware), in order.

    Two changes within half a day that undo each other are not seen.

    Args:
        timezone: an IANA name.
        start: where to begin.
        end: where to stop.
    """
    zone = ZoneInfo(timezone)
    moment = start.astimezone(UTC).replace(microsecond=0)
    last = end.astimezone(UTC)
    while moment < last:
        following = min(moment + _STEP, last)
        before = moment.astimezone(zone).utcoffset()
        if before is not None and following.astimezone(zone).utcoffset() != before:
            at = _first_after(zone, moment, following, before)
            yield ClockChange(
                at=at, before=(at + before).replace(tzinfo=None), after=at.astimezone(zone)
            )
            following = at
        moment = following


def _first_after(zone: ZoneInfo, low: datetime, high: datetime, before: timedelta) -> datetime:
    """The first second in (low, high] whose offset is not `before`."""
    while high - low > _SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds() / 2))
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
