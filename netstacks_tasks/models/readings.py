"""The readings of a clock that a cron expression names, as Prefect finds them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from croniter import CroniterBadDateError, croniter

Find = Callable[[datetime], datetime]
"""The first reading later than a given one; raises `CroniterBadDateError`."""

_FEBRUARY: Final = 2
_MINUTE: Final = timedelta(minutes=1)
_SOME_DAY: Final = datetime(2024, 1, 1)  # noqa: DTZ001 - a reading of any zone's clock


def readings(cron: str, start: datetime) -> Iterator[datetime]:
    """Naive readings later than `start`, in order, as far as croniter looks ahead.

    A fault of Prefect is kept, for a schedule must tell what will happen: past the
    last day of a list in February, when the list goes on with 30 or 31, Prefect
    looks for that day from February on and so leaves out the first, or the first
    two days, of March (`0 0 1,15,30 * *`).
    """
    ways = _ways(cron)
    try:
        while True:
            start = min(find(start) for find in ways)
            yield start
    except CroniterBadDateError:
        return


def leaves_out_march(cron: str) -> bool:
    """Whether Prefect's fault concerns this expression."""
    expanded, _ = croniter.expand(cron)
    days, months = expanded[2], expanded[3]
    if {"*", "l"} & set(days) or not {"*", _FEBRUARY} & set(months):
        return False
    return any(_looks_too_far(days, length) for length in (28, 29))


def _looks_too_far(days: list[int], length: int) -> bool:
    """Whether days are left out after a February of this length."""
    last = max((day for day in days if day <= length), default=0)
    sought = min((day for day in days if day > length), default=0)
    return last < length and min(days) < sought - length


def _ways(cron: str) -> list[Find]:
    if not leaves_out_march(cron):
        return [_finder(cron)]
    expanded, _ = croniter.expand(cron)
    minute, hour, day, month, weekday = cron.split()
    by_day = _short_of_march(f"{minute} {hour} {day} {month} *", expanded[2])
    if expanded[4] == ["*"]:
        return [by_day]
    # A day that either field names counts.
    return [by_day, _finder(f"{minute} {hour} * {month} {weekday}")]


def _finder(cron: str) -> Find:
    iterator = croniter(cron, _SOME_DAY)

    def find(start: datetime) -> datetime:
        found: datetime = iterator.get_next(datetime, start_time=start)
        return found

    return find


def _short_of_march(cron: str, days: list[int]) -> Find:
    find = _finder(cron)

    def find_as_prefect(start: datetime) -> datetime:
        found = find(start)
        first = start + _MINUTE
        if first.month != _FEBRUARY or found.month == _FEBRUARY:
            return found
        # No time is left on any day of the list that February has.
        day = first.day + 1 if first.day in days else first.day
        if day > monthrange(first.year, _FEBRUARY)[1]:
            return found
        sought = min(wanted for wanted in days if wanted >= day)
        reached = datetime(first.year, _FEBRUARY, 1) + timedelta(days=sought - 1)  # noqa: DTZ001 - naive as all readings
        return found if found >= reached else find(reached - _MINUTE)

    return find_as_prefect
