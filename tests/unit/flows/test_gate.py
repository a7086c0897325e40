from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from flows._gate import held_until
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.runs import RunState, TaskRun

DUE = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def run(state: RunState, *, due: datetime, ended: datetime | None, **more: Any) -> TaskRun:  # noqa: ANN401
    values = {"started_at": due, **more}
    return TaskRun(
        id=RunId(uuid4()),
        task_id=None,
        task_name="t",
        task_type="backup",
        trigger="schedule",
        state=state,
        scheduled_for=due,
        ended_at=ended,
        **values,
    )


def test_a_run_alone_could_begin_at_its_time() -> None:
    assert held_until(DUE, []) == DUE


def test_a_run_waits_for_its_predecessor() -> None:
    before = run("failed", due=DUE - HOUR, ended=DUE + 2 * HOUR)
    assert held_until(DUE, [before]) == DUE + 2 * HOUR


def test_what_was_over_already_or_came_later_held_nothing_up() -> None:
    others = [
        run("completed", due=DUE - 2 * HOUR, ended=DUE - HOUR),
        run("completed", due=DUE + HOUR, ended=DUE + 3 * HOUR),
        run("missed", due=DUE - HOUR, ended=DUE + HOUR, started_at=None),
        run("cancelled", due=DUE - HOUR, ended=DUE + HOUR),
        run("running", due=DUE - HOUR, ended=None),
    ]
    assert held_until(DUE, others) == DUE
