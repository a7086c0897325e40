"""Runs as the API shows them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field

from netstacks_tasks.models.causes import Cause, Stage
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.log_line import LogLine
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.runs import RunAttempt, TaskRun
from netstacks_tasks.records import RunDetails
from netstacks_tasks.wiring import NetStacks


class RunAnswer(TaskRun):
    """A run of a task, or a time at which it should have run."""

    url: str | None = Field(description="Where Prefect's page shows it; null for a missed time.")


class RunPage(Value):
    """Runs that match, the latest first, a page of them."""

    items: tuple[RunAnswer, ...]
    limit: int
    next_before: RunId | None = Field(
        description="`before` of the next page; null: this is the last one."
    )


class ResultAnswer(Value):
    """One thing done on one device."""

    device_id: UUID | None = Field(description="Null when the device is not in the inventory.")
    device_name: str
    item: str = Field(
        description="What was done: the configuration's source, the check, ...",
        examples=["running"],
    )
    ok: bool
    changed: bool = Field(description="Whether it made a difference.")
    summary: str = Field(description="In words.")
    attempt: int = Field(description="The attempt that it comes from, counted from 1.")
    stage: Stage | None = Field(description="Where it failed.")
    cause: Cause | None = Field(description="Why it failed.")
    latency_ms: float | None
    snapshot_id: UUID | None = Field(description="The version of the configuration that was kept.")


class RunDetailsAnswer(Value):
    """A run whole."""

    run: RunAnswer
    attempts: tuple[RunAttempt, ...]
    results: tuple[ResultAnswer, ...]


class LogPage(Value):
    """Lines of a run's log, the oldest first, a page of them."""

    items: tuple[LogLine, ...]
    limit: int
    offset: int


class StartedRun(Value):
    """A run that was started."""

    run_id: RunId
    url: str | None = Field(description="Where Prefect's page shows it.")


class CancelledRuns(Value):
    """Runs that were told to end; what works on them ends within seconds."""

    run_ids: tuple[RunId, ...]


def run_answer(run: TaskRun, netstacks: NetStacks) -> RunAnswer:
    """A run as it is kept."""
    kept: dict[str, Any] = dict(run)
    url = None if run.state == "missed" else netstacks.flow_run_url(run.id)
    return RunAnswer.model_construct(**kept, url=url)


def run_details(details: RunDetails, netstacks: NetStacks) -> RunDetailsAnswer:
    """A run whole as it is kept."""
    return RunDetailsAnswer(
        run=run_answer(details.run, netstacks),
        attempts=tuple(details.attempts),
        results=tuple(_result_answer(one) for one in details.results),
    )


def _result_answer(result: DeviceResult) -> ResultAnswer:
    kept: dict[str, Any] = {name: getattr(result, name) for name in ResultAnswer.model_fields}
    if not result.device_id.int:
        kept["device_id"] = None
    return ResultAnswer.model_construct(**kept)
