"""The plan of a day."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from netstacks_tasks.store.planned_tasks import PlannedTasks
from netstacks_tasks.web.day_chart import columns, marks, ticks
from netstacks_tasks.web.day_plan import MOST_ROWS, Bar, day_plan

NOW = datetime(2026, 11, 25, 21, 50, tzinfo=UTC)


def planned(number: int, cron: str, zone: str = "UTC") -> PlannedTasks:
    """One task; others of the same schedule may come beside it, as another one here."""
    return PlannedTasks(
        cron_expression=cron,
        timezone=zone,
        ids=[str(UUID(int=number))],
        names=[f"Task {number:05}"],
        task_types=["backup"],
    )


def test_who_begins_with_whom() -> None:
    tasks = [
        planned(1, "0 2 * * *"),
        planned(2, "0 21 * * *", "America/New_York"),
        planned(3, "*/5 9-10 * * *"),
        planned(4, "0 0 1 1 *"),
        planned(5, "45 21 * * *"),  # began five minutes ago, and is due again within the day
    ]
    plan = day_plan(tasks, NOW)
    assert [row.name for row in plan.rows] == [f"Task 0000{number}" for number in (1, 2, 3, 5)]
    assert (plan.runs, plan.idle, plan.left_out) == (27, 1, 0)
    crowd = plan.crowds[0]
    assert (crowd.at, crowd.count) == (datetime(2026, 11, 26, 2, 0, tzinfo=UTC), 2)
    assert crowd.names == ["Task 00001", "Task 00002"]
    first = 11 * 60 + 15  # 09:00 is that much behind 21:45
    assert plan.rows[2].bars == [Bar(start=first, end=first + 115, runs=24)]
    assert [mark.many for mark in marks(plan.rows[2].bars)] == [True]
    assert [one.count for one in columns(plan.start, plan.quarters)] == [2, *[3] * 8, 1]
    assert [one.label for one in ticks(plan.start, "Asia/Kathmandu")][:2] == ["06:00", "09:00"]


def test_tasks_of_one_schedule_are_told_apart() -> None:
    hourly = PlannedTasks(
        cron_expression="0 * * * *",
        timezone="UTC",
        ids=["1", "2", "3"],
        names=["c", "a", "e"],
        task_types=["backup", "deployment", "backup"],
    )
    others = [
        replace(hourly, cron_expression="0 22 * * *", ids=["4"], names=["d"]),
        replace(hourly, cron_expression="0 22 * * 3", ids=["5"], names=["b"]),
    ]
    plan = day_plan([hourly, *others], NOW)
    assert [row.name for row in plan.rows] == ["a", "b", "c", "d", "e"]
    assert [(row.id, row.task_type) for row in plan.rows][:2] == [
        ("2", "deployment"),
        ("5", "backup"),
    ]
    assert (plan.runs, plan.crowds[0].count) == (3 * 24 + 2, 5)
    assert plan.crowds[0].names == ["b", "d", "a", "c", "e"]


def test_ten_thousand_tasks_are_no_trouble() -> None:
    tasks = [
        planned(number, f"{number % 60} {number // 60 % 24} */{number % 7 + 1} * *")
        for number in range(10_000)
    ]
    began = time.process_time()
    plan = day_plan(tasks, NOW)
    assert time.process_time() - began < 5
    assert len(plan.rows) == MOST_ROWS
    assert len(plan.rows) + plan.left_out + plan.idle == len(tasks)
