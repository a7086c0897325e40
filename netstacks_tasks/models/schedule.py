"""When a task is due: a cron expression read in a timezone.

The times are those that Prefect's server schedules. It steps through the wall
clock of the zone and then asks which instant each reading is. Hence, when the
clock goes forward, a reading that does not exist runs later by the length of
the gap (02:30 becomes 03:30), at most once; when it goes back, a reading that
occurs twice runs at its first occurrence only.
"""

from __future__ import annotations

import difflib
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final

from croniter import CroniterBadDateError, CroniterError, croniter

from netstacks_tasks.errors import InvalidInput, Problem

ALIASES: Final = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
MAX_CRON_LENGTH: Final = 200
_FIELDS: Final = ("minute", "hour", "day of month", "month", "day of week")
_NOT_ZONES: Final = frozenset({"localtime", "posixrules", "Factory"})
# The longest gap between two readings of a clock at a change of its offset.
_LONGEST_SHIFT: Final = timedelta(hours=26)
# A date that comes round at all does so within a century of leap years.
_YEARS_AHEAD: Final = 12


@lru_cache(maxsize=4096)
def check_cron(expression: str) -> str:
    """Return the expression when it is a schedule; raise `ValueError` when not."""
    if len(expression) > MAX_CRON_LENGTH:
        raise ValueError(f"is longer than {MAX_CRON_LENGTH} characters: give five cron fields")
    if expression.startswith("@"):
        if expression not in ALIASES:
            raise ValueError(f"{expression!r} is no known alias: use one of {', '.join(ALIASES)}")
        return expression
    fields = expression.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(
            f"has {len(fields)} fields: give five ({', '.join(_FIELDS)}), "
            "for example '0 2 * * *', or an alias such as @daily"
        )
    for name, text in zip(_FIELDS, fields, strict=True):
        if not set(text.casefold()).isdisjoint("()~") or text.casefold() in {"h", "r"}:
            raise ValueError(
                f"the {name} field {text!r} asks for a random time: give a number, a range, "
                "a list, a step or '*'"
            )
    try:
        cron = croniter(expression, datetime(2024, 1, 1), max_years_between_matches=_YEARS_AHEAD)  # noqa: DTZ001 - the wall clock of any zone
    except (CroniterError, ValueError, KeyError, OverflowError) as error:
        raise ValueError(f"{expression!r} is no cron expression: {_why(fields, error)}") from error
    try:
        cron.get_next(datetime)
    except CroniterBadDateError:
        raise ValueError(
            f"{expression!r} never comes: no month has such a day; change the day or the month"
        ) from None
    return expression


@lru_cache(maxsize=1)
def timezones() -> frozenset[str]:
    """The IANA names this machine knows."""
    return frozenset(zoneinfo.available_timezones() - _NOT_ZONES)


def check_timezone(name: str) -> str:
    """Return the name when it is an IANA timezone; raise `ValueError` when not."""
    if name in timezones():
        return name
    shown = name[:60]
    by_case = {known.casefold(): known for known in timezones()}
    near = difflib.get_close_matches(shown.casefold(), by_case, n=3, cutoff=0.6)
    hint = f" Did you mean {' or '.join(by_case[found] for found in near)}?" if near else ""
    raise ValueError(
        f"{shown!r} is no IANA timezone: use a name such as UTC or America/New_York.{hint}"
    )


class Schedule:
    """A cron expression in a timezone.

    Args:
        cron: five fields or one of `ALIASES`.
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
        self.cron = cron
        self.timezone = timezone
        self._zone = zoneinfo.ZoneInfo(timezone)

    def __repr__(self) -> str:
        return f"Schedule({self.cron!r}, {self.timezone!r})"

    def next(self, count: int, after: datetime) -> list[datetime]:
        """The next `count` times later than `after` (aware), in UTC, in order."""
        return list(islice(self._times(after), count))

    def between(self, start: datetime, end: datetime) -> list[datetime]:
        """The times later than `start` and not later than `end` (both aware), in UTC."""
        found = []
        for time in self._times(start):
            if time > end:
                break
            found.append(time)
        return found

    def interval_hint(self, after: datetime) -> timedelta:
        """How far the next two times after `after` are apart."""
        first, second = self.next(2, after)
        return second - first

    def _times(self, after: datetime) -> Iterator[datetime]:
        """Instants in order, each once.

        Readings in a gap move past readings behind the gap, so what was read is
        held back until no later reading can come before it.
        """
        if after.tzinfo is None:
            raise InvalidInput.single("after", "must say its timezone: use an aware datetime")
        wall = after.astimezone(self._zone).replace(tzinfo=None)
        # Start early: a reading before this one may be an instant after it.
        cron = croniter(self.cron, wall - _LONGEST_SHIFT)
        last = after.astimezone(UTC)
        held: list[datetime] = []
        while True:
            reading: datetime = cron.get_next(datetime)
            instant = reading.replace(tzinfo=self._zone).astimezone(UTC)
            ready = sorted(time for time in held if time < instant)
            held = [time for time in held if time >= instant]
            held.append(instant)
            for time in ready:
                if time > last:
                    last = time
                    yield time


def _why(fields: list[str], error: Exception) -> str:
    """Which field is at fault: the first that is refused with the others left open."""
    for position, (name, text) in enumerate(zip(_FIELDS, fields, strict=True)):
        alone = ["*"] * len(_FIELDS)
        alone[position] = text
        if not croniter.is_valid(" ".join(alone)):
            return f"the {name} field {text!r} is out of range or not understood"
    return str(error)
