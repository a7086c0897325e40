"""When a schedule is due within about a day, for very many schedules at once.

The answers are those of `Schedule.between`. It works on readings of the clock one
after the other; here the five fields are read as sets, wherever nothing odd
happens to the clock or the calendar meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from croniter import croniter

from netstacks_tasks.models.clock_changes import clock_changes
from netstacks_tasks.models.readings import leaves_out_march
from netstacks_tasks.models.schedule import Schedule

QUARTER: Final = 15
DAY: Final = 1440
SPAN: Final = DAY + QUARTER
"""Minutes looked at: a whole day from any minute of the quarter of an hour that it starts in."""
_MINUTE: Final = timedelta(minutes=1)
_ODD: Final = timedelta(hours=26)
_RANGES: Final = (range(60), range(24), range(1, 32), range(1, 13), range(7))
_HOUR, _DAY_OF_MONTH, _MONTH, _WEEKDAY = 1, 2, 3, 4
_LEAP_SEASON: Final = frozenset({2, 3})
"""Months in which a schedule may leave out days: see `readings`."""


@lru_cache(maxsize=32_768)
def due_minutes(cron: str, timezone: str, start: datetime) -> tuple[int, ...]:
    """The minutes after `start`, below `SPAN`, at which a schedule is due, in order.

    Args:
        cron: a valid expression.
        timezone: an IANA name.
        start: a full minute, in UTC; due at once is minute 0.
    """
    fields = cron.split()
    offset = _steady_offset(timezone, start)
    if offset is None or _odd(cron, fields, start):
        times = Schedule(cron, timezone).between(
            start - _MINUTE, start + timedelta(minutes=SPAN - 1)
        )
        return tuple(int((time - start) / _MINUTE) for time in times)
    return tuple(_minutes(fields, (start + offset).replace(tzinfo=None)))


def _odd(cron: str, fields: list[str], start: datetime) -> bool:
    """Whether it says more than sets of numbers do."""
    if len(fields) != len(_RANGES) or "#" in cron or "l" in cron.casefold():
        return True
    return start.month in _LEAP_SEASON and fields[_DAY_OF_MONTH] != "*" and leaves_out_march(cron)


@lru_cache(maxsize=1024)
def _steady_offset(timezone: str, start: datetime) -> timedelta | None:
    """What the clock is ahead of UTC by; None: it changes around then."""
    if any(clock_changes(timezone, start - _ODD, start + timedelta(minutes=SPAN) + _ODD)):
        return None
    return start.astimezone(ZoneInfo(timezone)).utcoffset()


@lru_cache(maxsize=4096)
def _values(position: int, text: str) -> tuple[frozenset[int], bool]:
    """What a field names, and whether that is everything."""
    alone = ["*"] * len(_RANGES)
    alone[position] = text
    found = croniter.expand(" ".join(alone))[0][position]
    every = found == ["*"]
    return frozenset(_RANGES[position] if every else found), every


def _minutes(fields: list[str], start: datetime) -> Iterator[int]:
    """By a clock that is not changed; `start` is its reading."""
    minutes = sorted(_values(0, fields[0])[0])
    hours = sorted(_values(_HOUR, fields[_HOUR])[0])
    for number in range(3):
        day = start.date() + timedelta(days=number)
        if not _on(fields, day):
            continue
        midnight = int((datetime.combine(day, time()) - start) / _MINUTE)
        for hour in hours:
            for minute in minutes:
                due = midnight + hour * 60 + minute
                if 0 <= due < SPAN:
                    yield due


def _on(fields: list[str], day: date) -> bool:
    if day.month not in _values(_MONTH, fields[_MONTH])[0]:
        return False
    days, every_day = _values(_DAY_OF_MONTH, fields[_DAY_OF_MONTH])
    weekdays, every_weekday = _values(_WEEKDAY, fields[_WEEKDAY])
    by_day, by_weekday = day.day in days, day.isoweekday() % 7 in weekdays
    # Either counts when both are said.
    return by_day and by_weekday if every_day or every_weekday else by_day or by_weekday
