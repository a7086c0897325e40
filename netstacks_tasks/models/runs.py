"""The history of a task, as values."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.inventory import Value

RunState = Literal[
    "scheduled",
    "pending",
    "running",
    "retrying",
    "completed",
    "failed",
    "cancelled",
    "crashed",
    "missed",
]
Trigger = Literal["schedule", "manual", "catch_up"]
AttemptOutcome = Literal["completed", "failed", "timed_out", "crashed", "cancelled"]


class TaskRun(Value):
    """One run of a task, or a time at which it should have run."""

    id: RunId
    task_id: TaskId | None
    """None when the task was deleted."""
    task_name: str
    task_type: str
    trigger: Trigger
    state: RunState
    scheduled_for: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0
    message: str = ""
    summary: dict[str, Any] = Field(default_factory=dict)


class RunAttempt(Value):
    """One attempt of a run, counted from 1."""

    run_id: RunId
    attempt: int
    started_at: datetime
    ended_at: datetime | None = None
    outcome: AttemptOutcome | None = None
    error: str = ""
