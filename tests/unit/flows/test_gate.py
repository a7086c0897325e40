from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from prefect.client.schemas.objects import FlowRun, State, StateType

from flows._gate import _before_it_was_written, held_until, retried_by
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.runs import RunAttempt, RunState, TaskRun

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


def made(*, due: datetime, at: datetime, written: datetime, auto: bool = True) -> object:
    """What the gate says to a run made at a time for another, of a task written at a third."""
    flow_run = FlowRun(
        flow_id=uuid4(), expected_start_time=due, auto_scheduled=auto, tags=[], created=at
    )
    return _before_it_was_written(SimpleNamespace(updated_at=written), flow_run)  # type: ignore[arg-type]  # all that it looks at


def test_a_time_that_had_passed_when_the_task_was_written_is_none_of_its_times() -> None:
    # Prefect makes such runs in the hour before its clock is put on.
    state = made(due=DUE, at=DUE + HOUR, written=DUE + HOUR)
    assert isinstance(state, State)
    assert (state.type, state.name) == (StateType.CANCELLED, "NotDue")
    assert "2026-03-01 02:00 UTC" in (state.message or "")


def test_a_time_that_the_task_had_is_due_however_late_its_run_is_made() -> None:
    assert made(due=DUE, at=DUE + HOUR, written=DUE - HOUR) is None
    # Edited while it waited.
    assert made(due=DUE, at=DUE - HOUR, written=DUE + HOUR) is None
    assert made(due=DUE, at=DUE + HOUR, written=DUE + HOUR, auto=False) is None


LIMITS = SimpleNamespace(spec=SimpleNamespace(timeout_seconds=600, retry_delay_seconds=60))


def second(*earlier: RunAttempt) -> datetime:
    """By when a second attempt could have begun, of a run that began at its time."""
    flow_run = FlowRun(flow_id=uuid4(), run_count=2, start_time=DUE)
    return retried_by(LIMITS, flow_run, earlier)  # type: ignore[arg-type]  # all that it looks at


def test_a_retry_could_begin_its_pause_after_the_attempt_before() -> None:
    ended = RunAttempt(run_id=RunId(uuid4()), attempt=1, started_at=DUE, ended_at=DUE + HOUR)
    assert second(ended) == DUE + HOUR + timedelta(seconds=60)


def test_an_attempt_whose_end_nobody_saw_was_over_at_its_time_limit() -> None:
    lost = RunAttempt(run_id=RunId(uuid4()), attempt=1, started_at=DUE + HOUR)
    assert second(lost) == DUE + HOUR + timedelta(seconds=660)
    # It was lost before it could even be noted; the present attempt may be noted already.
    present = RunAttempt(run_id=RunId(uuid4()), attempt=2, started_at=DUE + 3 * HOUR)
    assert second(present) == second() == DUE + timedelta(seconds=660)
