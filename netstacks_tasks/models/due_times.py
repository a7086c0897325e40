"""The times of a schedule that have passed, the latest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from netstacks_tasks.models.schedule import Schedule

_STEPS: Final = tuple(timedelta(days=days) for days in (0.05, 1, 8, 40, 400, 3660, 14640))
"""How far back to look, further and further: of most schedules a step back is enough."""


def due_times(schedule: Schedule, until: datetime, since: datetime) -> Iterator[datetime]:
    """The times not later than `until` and not earlier than `since`, the latest first, in UTC.

    Args:
        schedule: whose.
        until: aware.
        since: aware; nothing before it is looked at.
    """
    end = until
    for step in _STEPS:
        start = max(until - step, since - timedelta(microseconds=1))
        yield from reversed(schedule.between(start, end))
        if start < since:
            return
        end = start
