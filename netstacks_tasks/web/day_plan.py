"""The next 24 hours: which task runs when, and where runs pile up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from netstacks_tasks.models.due_minutes import DAY, due_minutes
from netstacks_tasks.store.planned_tasks import PlannedTask

QUARTER: Final = 15
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

    task: PlannedTask
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


def day_plan(tasks: Sequence[PlannedTask], now: datetime) -> DayPlan:
    """Work it out; ten thousand tasks take a fraction of a second."""
    start = now.replace(minute=now.minute // QUARTER * QUARTER, second=0, microsecond=0)
    soonest = int((now - start) / timedelta(minutes=1))
    due = {
        task.id: [
            minute
            for minute in due_minutes(task.cron_expression, task.timezone, start)
            if minute > soonest
        ]
        for task in tasks
    }
    busy = [task for task in tasks if due[task.id]]
    minutes = Counter(minute for found in due.values() for minute in found)
    quarters = [0] * (DAY // QUARTER)
    for minute, count in minutes.items():
        quarters[minute // QUARTER] += count
    first = sorted(busy, key=lambda task: (due[task.id][0], task.name))[:MOST_ROWS]
    return DayPlan(
        start=start,
        rows=[
            Row(
                task=task,
                due=[start + timedelta(minutes=minute) for minute in due[task.id]],
                bars=list(_bars(due[task.id])),
            )
            for task in first
        ],
        left_out=len(busy) - len(first),
        idle=len(tasks) - len(busy),
        runs=minutes.total(),
        quarters=quarters,
        crowds=_crowds(start, minutes, [(task.name, due[task.id]) for task in busy]),
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


def _crowds(
    start: datetime, minutes: Counter[int], tasks: Sequence[tuple[str, Sequence[int]]]
) -> list[Crowd]:
    fullest = [
        (minute, count)
        for minute, count in sorted(minutes.items(), key=lambda one: (-one[1], one[0]))
        if count >= _CROWD
    ][:_MOST_CROWDS]
    wanted = {minute for minute, _ in fullest}
    names: dict[int, list[str]] = defaultdict(list)
    for name, due in sorted(tasks, key=lambda task: len(task[1])):
        for minute in wanted.intersection(due):
            names[minute].append(name)
    return [
        Crowd(
            at=start + timedelta(minutes=minute),
            count=count,
            names=names[minute][:_NAMED],
        )
        for minute, count in fullest
    ]
