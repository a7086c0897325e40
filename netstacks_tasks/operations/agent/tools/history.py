"""What tasks did, and how configurations changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field

from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.models.runs import RunState, TaskRun
from netstacks_tasks.models.task_spec import TaskType
from netstacks_tasks.operations.agent.ports import Records
from netstacks_tasks.operations.agent.tool import Arguments, Found, Tool
from netstacks_tasks.operations.agent.tools.selection import Inventory
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.store.run_search import RunSearch
from netstacks_tasks.store.snapshots import Snapshot

_LONGEST_MESSAGE: Final = 600


class RunsQuestion(Arguments):
    """Which runs; a run must fit all that is given."""

    task: str | None = Field(
        default=None, max_length=200, description="Part of the task's name, in any case."
    )
    task_type: TaskType | None = Field(default=None, description="The type of the task.")
    states: Annotated[tuple[RunState, ...], Field(min_length=1, max_length=9)] | None = Field(
        default=None,
        description="Only runs in these states, for example failed, crashed, missed.",
    )
    since_hours: float = Field(
        default=24.0, gt=0, le=24 * 366, description="How far back to look, in hours."
    )
    limit: int = Field(default=20, ge=1, le=100, description="How many runs at most.")


def recent_task_runs(records: Records, now: Callable[[], datetime]) -> Tool[RunsQuestion]:
    """Runs of scheduled tasks."""

    async def call(wanted: RunsQuestion, _: Deadline) -> Found:
        search = RunSearch(
            task=wanted.task,
            task_type=wanted.task_type,
            states=wanted.states,
            since=now() - timedelta(hours=wanted.since_hours),
            limit=wanted.limit,
        )
        found = await records.recent_runs(search)
        return {
            "count": len(found),
            "there_may_be_more": len(found) == wanted.limit,
            "by_state": dict(Counter(run.state for run in found)),
            "runs": [_run(run) for run in found],
        }

    return Tool(
        name="recent_task_runs",
        description="List runs of scheduled tasks (backups, health checks, deployments, scripts, "
        "agent tasks), the latest first, with state and the reason of a failure. A missed run is "
        "a time that passed while nothing could run the task.",
        arguments=RunsQuestion,
        call=call,
        narrow="filter by task, task_type or states, or lower since_hours or limit",
    )


def _run(run: TaskRun) -> dict[str, Any]:
    row: dict[str, Any] = {
        "run": str(run.id),
        "task": run.task_name,
        "task_type": run.task_type,
        "state": run.state,
        "due": _time(run.scheduled_for),
        "attempts": run.attempts,
    }
    if run.ended_at is not None:
        row["ended"] = _time(run.ended_at)
    if run.message:
        row["message"] = run.message[:_LONGEST_MESSAGE]
    return row


class DiffQuestion(Arguments):
    """Which versions: the newest two of a device, or those with certain ids."""

    device: str | None = Field(default=None, max_length=300, description="The device's name.")
    source: str = Field(
        default="running", pattern="^(running|startup)$", description="running or startup."
    )
    destination: str | None = Field(
        default=None,
        max_length=500,
        description="Of the backup task, when a device is kept at several; the newest otherwise.",
    )
    newer: UUID | None = Field(default=None, description="The id of a version, without a device.")
    older: UUID | None = Field(
        default=None, description="The id of the one before; the version before newer unless given."
    )


def config_diff(
    inventory: Inventory, records: Records, redact: Callable[[str], str]
) -> Tool[DiffQuestion]:
    """What changed in a configuration."""

    async def call(wanted: DiffQuestion, _: Deadline) -> Found:
        newer = await _newer(wanted, inventory, records)
        if newer is None:
            return {"versions": [], "note": "no configuration of this device is kept"}
        older = await _older(wanted, newer, records)
        if older is None:
            note = "this is the only version that is kept: there is nothing to compare it with"
            return {"versions": [_version(newer)], "note": note}
        # As a whole, for a secret may take several lines.
        text = redact(await records.difference(older.id, newer.id))
        changed = [
            line
            for line in text.splitlines()
            if line[:1] in {"+", "-"} and line[:3] not in {"+++", "---"}
        ]
        return {
            "versions": [_version(newer), _version(older)],
            "lines_added": len([line for line in changed if line[0] == "+"]),
            "lines_removed": len([line for line in changed if line[0] == "-"]),
            "diff": text,
        }

    return Tool(
        name="config_diff",
        description="Show what changed between the two newest kept versions of a device's "
        "configuration, or between two versions by id, as a unified diff with secrets taken out. "
        "A new version is kept only when something changed.",
        arguments=DiffQuestion,
        call=call,
        narrow="there is no narrower form; say that the diff is longer than what was shown",
    )


async def _newer(wanted: DiffQuestion, inventory: Inventory, records: Records) -> Snapshot | None:
    if (wanted.device is None) == (wanted.newer is None):
        raise InvalidInput.single("device", "give either a device or newer, the id of a version")
    if wanted.newer is not None:
        return await records.version(wanted.newer)
    if wanted.older is not None:
        raise InvalidInput.single("older", "goes with newer, not with a device")
    device = inventory.one(wanted.device or "")
    found = await records.versions(device.id, wanted.source, wanted.destination, 1)
    return found[0] if found else None


async def _older(wanted: DiffQuestion, newer: Snapshot, records: Records) -> Snapshot | None:
    if wanted.older is None:
        return await records.version_before(newer)
    older = await records.version(wanted.older)
    if older.device_name != newer.device_name:
        raise NotFound(f"version of {newer.device_name} with the id", wanted.older)
    return older


def _version(version: Snapshot) -> dict[str, Any]:
    return {
        "id": str(version.id),
        "device": version.device_name,
        "source": version.source,
        "destination": version.destination,
        "captured": _time(version.captured_at),
        "lines": version.line_count,
    }


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
