"""What is known of the backups of a task: which runs, and how each device fared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from netstacks_tasks.models.ids import DeviceId, RunId, TaskId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.runs import RunState
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupResult:
    """How one item of one device fared, and when that was recorded."""

    result: DeviceResult
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRun:
    """One run of a backup task, or a time at which it should have run."""

    id: RunId
    state: RunState
    scheduled_for: datetime
    ended_at: datetime | None
    message: str
    results: Sequence[BackupResult] = ()


async def backup_runs(db: Database, task_id: TaskId, since: datetime) -> list[BackupRun]:
    """A task's runs that were due, or at work, since then; the latest first.

    A run that began up to a week earlier counts if it had not ended by then.
    """
    values: dict[str, Any] = {"task_id": task_id, "since": since}
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("backup_runs"), values)
        runs = await cursor.fetchall()
        await cursor.execute(query("backup_results"), {"runs": [run["id"] for run in runs]})
        found: defaultdict[UUID, list[BackupResult]] = defaultdict(list)
        for row in await cursor.fetchall():
            run_id, recorded_at = row.pop("run_id"), row.pop("recorded_at")
            result = DeviceResult(**row)
            found[run_id].append(BackupResult(result=result, recorded_at=recorded_at))
    return [BackupRun(**run, results=tuple(found[run["id"]])) for run in runs]


async def last_good_backups(
    db: Database, task_id: TaskId, devices: Sequence[DeviceId]
) -> dict[DeviceId, datetime]:
    """When a task last had a configuration of each device; those never had are not there."""
    values = {"task_id": task_id, "devices": list(devices)}
    async with db.connection() as connection:
        cursor = await connection.execute(query("last_good_backups"), values)
        return {DeviceId(row[0]): row[1] for row in await cursor.fetchall()}
