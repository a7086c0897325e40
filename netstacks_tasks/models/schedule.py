"""When a task is due: a cron expression read in a timezone."""

from __future__ import annotations

import difflib
import heapq
import sys
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.models.cron import check_cron
from netstacks_tasks.models.readings import readings

_NOT_ZONES: Final = frozenset({"localtime", "posixrules", "Factory"})
_LONGEST_SHIFT: Final = timedelta(hours=26)
"""No zone's clock has ever been put on or back by more."""
_YEARS: Final = range(1970, 2200)
# Prefect reads the clock with pendulum up to Python 3.12, and then with whenever.
_GAPS_MOVE_ON: Final[bool] = sys.version_info >= (3, 13)


@lru_cache(maxsize=1)
def timezones() -> frozenset[str]:
    """The IANA names this machine knows."""
    return frozenset(zoneinfo.available_timezones() - _NOT_ZONES)


def check_timezone(name: str) -> str:
    """The name when it is an IANA timezone; raises `ValueError` when it is none."""
    if name in timezones():
        return name
    shown = name[:60]
    near = _near(shown.strip().replace(" ", "_").casefold())
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise ValueError(
        f"{shown!r} is no IANA timezone: use a name such as UTC or America/New_York{hint}"
    )


def _near(wanted: str) -> list[str]:
    """Zones of a city, or else those whose name is written nearly so."""
    by_case = {known.casefold(): known for known in sorted(timezones())}
    cities = [known for case, known in by_case.items() if case.rpartition("/")[2] == wanted]
    close = difflib.get_close_matches(wanted, by_case, n=3, cutoff=0.75)
    return cities[:3] or [by_case[found] for found in close]


class Schedule:
    """A cron expression in a timezone; its times are those that Prefect schedules.

    The expression says readings of the zone's clock. When the clock is put back,
    a reading that comes twice counts the first time only, so an hourly schedule
    pauses for two hours. When it is put on, a reading that never comes is moved by
    as much as the clock was: up to Python 3.12 Prefect moves it before the change
    (02:30 runs when the clock shows 01:30), from Python 3.13 on behind it (03:30).
    Where that falls together with another time, there is one run.

    Prefect differs in one thing: asked during the hour that comes twice, its list
    begins with times of the first pass, which are over. Here every time is later
    than the moment it is asked for.

    Args:
        cron: five fields or one of `cron.ALIASES`.
        timezone: an IANA name.

    Raises:
        InvalidInput: one of them is not what it should be.
    """

    def __init__(self, cron: str, timezone: str = "UTC") -> None:
        problems = []
        for field, check, value in (
            ("cron_expression", check_cron, cron),
            ("timezone", check_timezone, timezone),
        ):
            try:
                check(value)
            except ValueError as error:
                problems.append(Problem(field=field, message=str(error)))
        if problems:
            raise InvalidInput(problems)
        self.cron = check_cron(cron)
        self.timezone = timezone
        self._zone = zoneinfo.ZoneInfo(timezone)

    def __repr__(self) -> str:
        return f"Schedule({self.cron!r}, {self.timezone!r})"

    def next(self, count: int, after: datetime) -> list[datetime]:
        """The next `count` times later than `after`, in order, in UTC.

        Raises:
            InvalidInput: `after` has no timezone, or lies in no sensible year.
        """
        return list(islice(self._times(after), count))

    def between(self, start: datetime, end: datetime) -> list[datetime]:
        """The times later than `start` and not later than `end`, in order, in UTC.

        Raises:
            InvalidInput: as for `next`.
        """
        _check_moment(end, "end")
        found = []
        for time in self._times(start):
            if time > end:
                break
            found.append(time)
        return found

    def _times(self, after: datetime) -> Iterator[datetime]:
        """Instants in order, each once.

        A moved reading may overtake others, so an instant is held back until no
        later reading can come before it.
        """
        last = _check_moment(after, "after").astimezone(UTC)
        held: list[datetime] = []
        for reading in self._readings(last):
            offset = self._offset(reading)
            heapq.heappush(held, (reading - offset).replace(tzinfo=UTC))
            ahead = self._offset(reading + _LONGEST_SHIFT)
            soonest = (reading - max(offset, ahead)).replace(tzinfo=UTC)
            while held and held[0] < soonest:
                time = heapq.heappop(held)
                if time > last:
                    last = time
                    yield time

    def _readings(self, after: datetime) -> Iterator[datetime]:
        """Readings of the clock, from before any whose instant is later than `after`."""
        wall = after.astimezone(self._zone)
        before = (after - _LONGEST_SHIFT).astimezone(self._zone)
        put_on = max(_offset(wall) - _offset(before), timedelta())
        start = wall.replace(tzinfo=None, microsecond=0, fold=0) - put_on - timedelta(seconds=1)
        return readings(self.cron, start)

    def _offset(self, reading: datetime) -> timedelta:
        """What the zone's clock is ahead of UTC by when Prefect takes it to show `reading`."""
        first = _offset(reading.replace(tzinfo=self._zone))
        if _GAPS_MOVE_ON:
            return first
        # Of a reading that comes twice the larger offset is the first one; of one
        # that never comes it is the one behind the gap.
        return max(first, _offset(reading.replace(tzinfo=self._zone, fold=1)))


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _check_moment(moment: datetime, name: str) -> datetime:
    if moment.utcoffset() is None:
        raise InvalidInput.single(name, "must say its timezone: use an aware datetime")
    if moment.year not in _YEARS:
        raise InvalidInput.single(
            name, f"must lie between the years {_YEARS[0]} and {_YEARS[-1]}: got {moment.year}"
        )
    return moment
