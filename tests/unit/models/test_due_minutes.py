"""A day's times of a schedule, found the quick way."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.due_minutes import SPAN, due_minutes
from netstacks_tasks.models.schedule import Schedule

_MINUTE = timedelta(minutes=1)
_FIELDS = (
    ("0", "*/5", "*", "7,31", "10-20/2", "59"),
    ("*", "2", "*/6", "9-17", "0,23", "22-2"),
    ("*", "1", "*/2", "26,27", "?", "L", "1,15,30"),
    ("*", "11", "nov-dec", "1,6", "*/2"),
    ("*", "mon-fri", "0", "7", "sat,sun", "1-5/2", "5#2"),
)
_STARTS = (
    datetime(2026, 11, 25, 21, 45, tzinfo=UTC),
    datetime(2026, 3, 8, 3, 15, tzinfo=UTC),  # New York puts its clock on
    datetime(2026, 10, 24, 23, 0, tzinfo=UTC),  # Berlin puts its clock back
    datetime(2026, 2, 28, 12, 30, tzinfo=UTC),  # Prefect leaves out days
    datetime(2026, 12, 31, 0, 0, tzinfo=UTC),
    datetime(2026, 12, 30, 23, 45, tzinfo=UTC),  # ends on the day after the next
)
_ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe")


def test_they_are_those_of_the_schedule() -> None:
    choose = random.Random(5)  # noqa: S311 - examples, no secrets
    looked_at = 0
    for _ in range(300):
        cron = " ".join(choose.choice(field) for field in _FIELDS)
        zone, start = choose.choice(_ZONES), choose.choice(_STARTS)
        try:
            schedule = Schedule(cron, zone)
        except InvalidInput:
            continue
        times = schedule.between(start - _MINUTE, start + _MINUTE * (SPAN - 1))
        expected = tuple(int((time - start) / _MINUTE) for time in times)
        assert due_minutes(cron, zone, start) == expected, (cron, zone, start)
        looked_at += 1
    assert looked_at > 200
    assert due_minutes("@hourly", "UTC", _STARTS[0]) == tuple(range(15, SPAN, 60))
