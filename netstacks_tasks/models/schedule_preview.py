"""What a schedule means: in words, as its next times, and where the clock changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import Field

from netstacks_tasks.models.clock_changes import ClockChange, clock_changes
from netstacks_tasks.models.cron_words import in_words
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.readings import leaves_out_march
from netstacks_tasks.models.schedule import Schedule

_MOST_CHANGES: Final = 4


class PlannedRun(Value):
    """One time of a schedule, on two clocks."""

    utc: datetime = Field(description="In UTC.")
    local: datetime = Field(description="The same moment on the zone's clock.")


class PlannedClockChange(Value):
    """A change of the zone's clock."""

    at: datetime = Field(description="The first moment of the new time, in UTC.")
    shift_seconds: int = Field(description="How much it is put on; negative: back.")


class SchedulePreview(Value):
    """What a schedule means, for people."""

    cron_expression: str
    timezone: str
    sentence: str = Field(
        description="The schedule in words.",
        examples=["At 02:00, Monday through Friday (America/New_York)"],
    )
    runs: tuple[PlannedRun, ...] = Field(description="The next times, in order.")
    clock_changes: tuple[PlannedClockChange, ...] = Field(
        default=(), description="Changes of the zone's clock before the last of the times."
    )
    notes: tuple[str, ...] = Field(default=(), description="What to know, for people.")


def preview(
    cron_expression: str, timezone: str, count: int = 5, after: datetime | None = None
) -> SchedulePreview:
    """What a schedule means.

    Args:
        cron_expression: five fields or an alias.
        timezone: an IANA name.
        count: how many times.
        after: when to begin; now, unless told.

    Raises:
        InvalidInput: one of them is not what it should be.
    """
    start = after or datetime.now(UTC)
    schedule = Schedule(cron_expression, timezone)
    zone = ZoneInfo(timezone)
    times = schedule.next(count, start)
    changes = list(clock_changes(timezone, start, times[-1])) if times else []
    return SchedulePreview(
        cron_expression=schedule.cron,
        timezone=timezone,
        sentence=f"{in_words(schedule.cron)} ({timezone})",
        runs=tuple(PlannedRun(utc=time, local=time.astimezone(zone)) for time in times),
        clock_changes=tuple(
            PlannedClockChange(at=one.at, shift_seconds=int(one.shift.total_seconds()))
            for one in changes
        ),
        notes=tuple(_notes(schedule.cron, changes)),
    )


def _notes(cron: str, changes: Sequence[ClockChange]) -> Iterator[str]:
    yield from (f"{change}." for change in changes[:_MOST_CHANGES])
    if len(changes) > _MOST_CHANGES:
        yield f"{len(changes) - _MOST_CHANGES} more changes of the clock."
    if leaves_out_march(cron):
        yield (
            "After a February without the days 30 and 31 Prefect leaves out the first days of "
            "March: give those days a task of their own."
        )
