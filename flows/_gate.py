"""Whether a run that begins is to do anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Cancelled

from netstacks_tasks.models import missed
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.runs import RunAttempt, TaskRun
from netstacks_tasks.models.schedule import Schedule
from netstacks_tasks.models.task import Task
from netstacks_tasks.store import runs
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync.flow_runs import CATCH_UP_TAG

_LOOK_BACK = 50
"""Runs of the task among which the one that held this up is sought."""


async def refuse(db: Database, task: Task, flow_run: FlowRun) -> State[Any] | None:
    """The state of a run that has nothing to do; None when it has.

    Only a run that the schedule made is refused: before its first attempt, and
    before another one that nothing could begin for long, say because the worker's
    machine was down all night. Its state is of type CANCELLED: it did no work, and
    green would say that it did; no retry and no failure alarm follows.
    """
    early = _before_it_was_written(task, flow_run)
    if early is not None:
        return early
    await register(db, task, flow_run)
    if trigger_of(flow_run) != "schedule":
        return None
    due = _due(flow_run)
    schedule = Schedule(task.spec.cron_expression, task.spec.timezone)
    history = await runs.history(db, task.id, _LOOK_BACK)
    if flow_run.run_count > 1:
        since = retried_by(task, flow_run, await runs.attempts(db, RunId(flow_run.id)))
        # Another run of the task may have come in between, and taken its time.
        since = max([since, *(end for one in history if (end := _end(one)) is not None)])
    elif not task.spec.enabled:
        return Cancelled(name="Disabled", message="the task is switched off; nothing was done")
    else:
        since = held_until(due, history)
    verdict = missed.decide(
        policy=task.spec.missed_runs,
        window=task.spec.missed_window_seconds,
        scheduled_for=since,
        now=datetime.now(UTC),
        next_after=schedule.next(1, since)[0],
    )
    if verdict == "run":
        return None
    message = (
        f"missed: it was due at {due:%Y-%m-%d %H:%M} UTC, when nothing could run it; "
        f"missed_runs is {task.spec.missed_runs}, so nothing was done"
    )
    await runs.mark_missed(db, RunId(flow_run.id), message)
    return Cancelled(name="Missed", message=message)


def _before_it_was_written(task: Task, flow_run: FlowRun) -> State[Any] | None:
    """The state of a run for a time that had passed when the task was written; else None.

    Near a change of the clock Prefect lists times of up to an hour ago among those to
    come, and makes runs for them. A task written since then never had those times.
    """
    due, made = flow_run.expected_start_time, flow_run.created
    if trigger_of(flow_run) != "schedule" or due is None or made is None:
        return None
    if due >= min(made - missed.GRACE, task.updated_at):
        return None
    message = (
        f"Prefect made this run for {due:%Y-%m-%d %H:%M} UTC when that had passed, and the task "
        "was written later than that: it is none of its times; nothing was done"
    )
    return Cancelled(name="NotDue", message=message)


async def register(db: Database, task: Task, flow_run: FlowRun) -> None:
    """Make sure that the run is in the history."""
    await runs.upsert_run(
        db,
        RunId(flow_run.id),
        task.id,
        trigger=trigger_of(flow_run),
        scheduled_for=_due(flow_run),
        started_at=flow_run.start_time,
    )


def trigger_of(flow_run: FlowRun) -> runs.Trigger:
    """What made the run."""
    if CATCH_UP_TAG in flow_run.tags:
        return "catch_up"
    return "schedule" if flow_run.auto_scheduled else "manual"


def held_until(due: datetime, history: list[TaskRun]) -> datetime:
    """When a run could have begun: at its time, or when the task's run before it ended.

    Waiting for one's predecessor is no reason to be dropped.
    """
    ends = [
        end for run in history if (end := _end(run)) is not None and run.scheduled_for < due < end
    ]
    return max(ends, default=due)


def _end(run: TaskRun) -> datetime | None:
    """When a run that did work was over."""
    worked = run.started_at is not None and run.state in {"completed", "failed", "crashed"}
    return run.ended_at if worked else None


def retried_by(task: Task, flow_run: FlowRun, attempts: Sequence[RunAttempt]) -> datetime:
    """By when the attempt that begins now could have begun, had anything been there to run it."""
    before = [one for one in attempts if one.attempt < flow_run.run_count]
    began = before[-1].started_at if before else flow_run.start_time or datetime.now(UTC)
    # Of an attempt whose process was lost nobody wrote down the end.
    ended = before[-1].ended_at if before else None
    latest = ended or began + timedelta(seconds=task.spec.timeout_seconds)
    return latest + timedelta(seconds=task.spec.retry_delay_seconds)


def _due(flow_run: FlowRun) -> datetime:
    return flow_run.expected_start_time or flow_run.start_time or datetime.now(UTC)
