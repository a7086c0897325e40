"""Which devices have no backup from their last window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.task import Task
from netstacks_tasks.operations.agent.ports import Records
from netstacks_tasks.operations.agent.tool import Found, Tool
from netstacks_tasks.operations.agent.tools.backup_windows import (
    DeviceVerdict,
    Window,
    judge,
    last_window,
    look_back,
)
from netstacks_tasks.operations.agent.tools.selection import Inventory, Selection
from netstacks_tasks.operations.deadline import Deadline

_LONGEST_REASON: Final = 300


@dataclass(slots=True)
class _Report:
    """What is found, task by task."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    windowless: list[dict[str, Any]] = field(default_factory=list)


def missed_backups(
    inventory: Inventory, records: Records, now: Callable[[], datetime]
) -> Tool[Selection]:
    """Devices that missed their last backup window."""

    async def call(wanted: Selection, _: Deadline) -> Found:
        devices = inventory.of(wanted)
        names = {device.name for device in devices}
        tasks = await records.backup_tasks()
        report = _Report()
        for task, targets in tasks:
            chosen = [device for device in targets if device.name in names]
            if task.spec.enabled and chosen:
                await _look_at(task, chosen, records, now(), report)
        report.rows.sort(key=lambda row: (row["status"], row["device"]))
        enabled = _covered(tasks, enabled=True)
        disabled = _covered(tasks, enabled=False) - enabled
        return {
            "devices_asked_about": len(devices),
            # Of pairs of a device and an enabled backup task.
            "ok": report.verdicts["ok"],
            "missed": report.verdicts["missed"],
            "still_running": report.verdicts["running"],
            "devices": report.rows,
            "in_no_backup_task": sorted(names - enabled - disabled),
            "only_in_disabled_backup_tasks": sorted(names & disabled),
            "tasks_without_a_window_yet": report.windowless,
        }

    return Tool(
        name="missed_backups",
        description="Tell which devices have no configuration from the last window of their backup "
        "task (the last time it was due and should be over), why, and when they were last backed "
        "up; also devices in no enabled backup task. Reads the history and asks no device.",
        arguments=Selection,
        call=call,
        narrow="name one device or a group",
    )


async def _look_at(
    task: Task, devices: Sequence[Device], records: Records, now: datetime, report: _Report
) -> None:
    runs = await records.backup_runs(task.id, look_back(task, now))
    window = last_window(task, runs, now)
    if window is None:
        next_run = task.next_run_at
        report.windowless.append(
            {
                "task": task.spec.name,
                "devices": len(devices),
                "next": "" if next_run is None else _utc(next_run),
            }
        )
        return
    judged = [(device, judge(device.name, window, runs)) for device in devices]
    report.verdicts.update(verdict.verdict for _, verdict in judged)
    wanting = [(device, verdict) for device, verdict in judged if verdict.verdict != "ok"]
    last = await records.last_good_backups(task.id, [device.id for device, _ in wanting])
    report.rows += [
        _row(device, task, window, verdict, last.get(device.id)) for device, verdict in wanting
    ]


def _row(
    device: Device, task: Task, window: Window, verdict: DeviceVerdict, last: datetime | None
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "device": device.name,
        "status": verdict.verdict,
        "task": task.spec.name,
        "due": _utc(window.due),
        "due_local": _local(window.due, task.spec.timezone),
        "why": verdict.why[:_LONGEST_REASON],
        "last_good_backup": "never by this task" if last is None else _utc(last),
    }
    return row if window.run is None else row | {"run": str(window.run.id)}


def _covered(tasks: Sequence[tuple[Task, list[Device]]], *, enabled: bool) -> set[str]:
    return {
        device.name for task, devices in tasks if task.spec.enabled is enabled for device in devices
    }


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _local(moment: datetime, timezone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(timezone)):%a %Y-%m-%d %H:%M} {timezone}"
