"""The next 24 hours: which task runs when, and where runs pile up."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nsmallest
from itertools import groupby
from typing import Final

from netstacks_tasks.models.due_minutes import DAY, QUARTER, SPAN, due_minutes
from netstacks_tasks.store.planned_tasks import PlannedTasks

MOST_ROWS: Final = 200
_CROWD: Final = 2
_MOST_CROWDS: Final = 8
_NAMED: Final = 6
_CLOSE: Final = 20
"""Minutes; runs that follow each other sooner are drawn as one bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Runs that follow each other closely, or a single one; in minutes."""

    start: int
    end: int
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A task and its runs."""

    id: str
    name: str
    task_type: str
    cron_expression: str
    due: Sequence[datetime]
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """A minute at which several tasks begin."""

    at: datetime
    count: int
    names: Sequence[str]
    """Some of them: those that seldom run come first, for they are the ones to be moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """What is to come."""

    start: datetime
    rows: Sequence[Row]
    """Those that begin first."""
    left_out: int
    """Tasks that run too and have no row."""
    idle: int
    """Tasks that are on and do not run within the day."""
    runs: int
    quarters: Sequence[int]
    """Runs that begin in each quarter of an hour."""
    crowds: Sequence[Crowd]
    """The fullest minutes, the fullest first."""


@dataclass(frozen=True, slots=True)
class _Busy:
    """Tasks of one schedule, and the minutes at which they begin."""

    tasks: PlannedTasks
    due: Sequence[int]


def day_plan(planned: Sequence[PlannedTasks], now: datetime) -> DayPlan:
    """Work it out, schedule by schedule; ten thousand tasks take milliseconds."""
    start = now.replace(minute=now.minute // QUARTER * QUARTER, second=0, microsecond=0)
    soonest = int((now - start) / timedelta(minutes=1))
    busy = []
    for tasks in planned:
        due = due_minutes(tasks.cron_expression, tasks.timezone, start)
        # What is due at this minute has begun, and is the day's last run a day later.
        first, last = bisect_right(due, soonest), bisect_right(due, soonest + DAY)
        if within := due[first:last]:
            busy.append(_Busy(tasks, within))
    minutes = [0] * SPAN
    for one in busy:
        many = len(one.tasks)
        for minute in one.due:
            minutes[minute] += many
    running = sum(len(one.tasks) for one in busy)
    rows = _rows(start, busy)
    return DayPlan(
        start=start,
        rows=rows,
        left_out=running - len(rows),
        idle=sum(map(len, planned)) - running,
        runs=sum(minutes),
        quarters=[sum(minutes[first : first + QUARTER]) for first in range(0, SPAN, QUARTER)],
        crowds=_crowds(start, minutes, busy),
    )


def _rows(start: datetime, busy: Sequence[_Busy]) -> list[Row]:
    """Of the tasks that begin first."""
    soonest = sorted(busy, key=lambda one: one.due[0])
    # Those that begin together are in the order of their names, whatever their schedules.
    firsts = ((minute, list(group)) for minute, group in groupby(soonest, lambda one: one.due[0]))
    rows: list[Row] = []
    for _, together in firsts:
        places = ((one, place) for one in together for place in range(len(one.tasks)))
        rows += [
            _row(start, one, place)
            for one, place in nsmallest(MOST_ROWS - len(rows), places, key=_name)
        ]
        if len(rows) >= MOST_ROWS:
            break
    return rows


def _name(place: tuple[_Busy, int]) -> str:
    return place[0].tasks.names[place[1]]


def _row(start: datetime, one: _Busy, place: int) -> Row:
    return Row(
        id=one.tasks.ids[place],
        name=one.tasks.names[place],
        task_type=one.tasks.task_types[place],
        cron_expression=one.tasks.cron_expression,
        due=[start + timedelta(minutes=minute) for minute in one.due],
        bars=list(_bars(one.due)),
    )


def _bars(due: Sequence[int]) -> Iterator[Bar]:
    start = last = due[0]
    runs = 0
    for minute in due:
        if minute - last > _CLOSE:
            yield Bar(start=start, end=last, runs=runs)
            start, runs = minute, 0
        last, runs = minute, runs + 1
    yield Bar(start=start, end=last, runs=runs)


def _crowds(start: datetime, minutes: Sequence[int], busy: Sequence[_Busy]) -> list[Crowd]:
    fullest = nsmallest(
        _MOST_CROWDS,
        (minute for minute, count in enumerate(minutes) if count >= _CROWD),
        key=lambda minute: (-minutes[minute], minute),
    )
    return [
        Crowd(
            at=start + timedelta(minutes=minute),
            count=minutes[minute],
            names=_seldom(busy, minute),
        )
        for minute in fullest
    ]


def _seldom(busy: Sequence[_Busy], minute: int) -> list[str]:
    """Names of those that begin then, the most seldom first."""
    there = sorted((one for one in busy if minute in one.due), key=lambda one: len(one.due))
    names: list[str] = []
    for _, alike in groupby(there, lambda one: len(one.due)):
        these = (name for one in alike for name in one.tasks.names)
        names += nsmallest(_NAMED - len(names), these)
        if len(names) >= _NAMED:
            break
    return names
