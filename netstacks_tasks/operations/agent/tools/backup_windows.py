"""Whether each device's last backup window brought a configuration: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from netstacks_tasks.models.due_times import due_times
from netstacks_tasks.models.missed import GRACE
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.schedule import Schedule
from netstacks_tasks.models.task import Task
from netstacks_tasks.operations.carried import LAST_ITEM, done_backups
from netstacks_tasks.store.backup_history import BackupRun

Verdict = Literal["ok", "missed", "running"]

_OVER: Final = frozenset({"completed", "failed", "cancelled", "crashed", "missed"})
_LONGEST_ALLOWANCE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time at which a task was due, and whose runs should be over."""

    due: datetime
    run: BackupRun | None
    """The run for that time, or its record as missed; None when nothing is known of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceVerdict:
    """How a device fared in its task's last window."""

    verdict: Verdict
    why: str = ""


def allowance(task: Task) -> timedelta:
    """How long after its time a run may still be at work by its own rules, a day at most."""
    spec = task.spec
    seconds = spec.timeout_seconds * (spec.max_retries + 1)
    seconds += spec.retry_delay_seconds * spec.max_retries
    return min(timedelta(seconds=seconds) + GRACE, _LONGEST_ALLOWANCE)


def look_back(task: Task, now: datetime) -> datetime:
    """From when on a task's runs matter for its last window."""
    times = due_times(_schedule(task), now - allowance(task), task.created_at)
    return next(times, now - allowance(task))


def last_window(task: Task, runs: Sequence[BackupRun], now: datetime) -> Window | None:
    """The latest time of the task whose runs are over, or should be.

    None when there was none yet. A time from before the task was edited counts
    only where the history knows of it: the schedule may have been another then.
    """
    by_time = {run.scheduled_for: run for run in reversed(runs)}
    for due in due_times(_schedule(task), now, task.created_at):
        run = by_time.get(due)
        over = run is not None and run.state in _OVER
        if not over and due + allowance(task) > now:
            continue
        if run is None and due < task.updated_at:
            return None
        return Window(due=due, run=run)
    return None


def judge(device: str, window: Window, runs: Sequence[BackupRun]) -> DeviceVerdict:
    """Whether a device has a good configuration from its window, or from later.

    Args:
        device: its name.
        window: its task's last one.
        runs: the task's runs since then, the latest first.
    """
    since = [_own(run, device, window.due) for run in runs]
    if any(done_backups(results) for results in since):
        return DeviceVerdict(verdict="ok")
    if any(run.state not in _OVER for run in runs):
        return DeviceVerdict(verdict="running", why="a run of the task is under way")
    failed = [one for results in since for one in results if not one.ok]
    if failed:
        last = failed[0]
        return DeviceVerdict(
            verdict="missed", why=f"{last.item}: {last.stage}: {last.cause}: {last.summary}"
        )
    return DeviceVerdict(verdict="missed", why=_without_result(window))


def _own(run: BackupRun, device: str, since: datetime) -> list[DeviceResult]:
    """A run's results of a device that were recorded since then, the newest attempt first."""
    return sorted(
        (
            one.result
            for one in run.results
            if one.result.device_name == device and one.recorded_at >= since
        ),
        key=lambda result: (-result.attempt, result.item != LAST_ITEM),
    )


def _without_result(window: Window) -> str:
    run = window.run
    if run is None:
        return "no run is known for that time: is a worker running? (netstacks doctor)"
    if run.state == "missed":
        return f"nothing could run it: {run.message}"
    if run.state == "completed":
        return "the run did not include it: was it added to the target later?"
    return f"the run ended {run.state} before it reached the device: {run.message}"


def _schedule(task: Task) -> Schedule:
    return Schedule(task.spec.cron_expression, task.spec.timezone)
