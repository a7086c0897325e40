"""What is counted for whoever watches from outside; each by one cheap statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, TypeVar

from psycopg.rows import class_row, scalar_row

from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.runs import RunState
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCount:
    """How the tasks of a type stand."""

    task_type: str
    tasks: int
    enabled: int
    refused: int
    """Prefect cannot have them as they are."""
    overdue: int
    """Their time has passed, and nobody has looked after it."""
    unsynced_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A run that is not over."""

    id: RunId
    task_type: str
    state: RunState
    scheduled_for: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRun:
    """A run that is over, or a time that was missed."""

    id: RunId
    task_type: str
    state: RunState
    started_at: datetime | None
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCount:
    """How often devices failed in one way."""

    task_type: str
    stage: str | None
    cause: str | None
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupAges:
    """How many devices are backed up, and how many of them were read lately."""

    devices: int
    within_day: int
    within_week: int


async def types(db: Database) -> list[TypeCount]:
    """One for each type that has tasks."""
    return await _rows(db, TypeCount, query("measured_tasks"))


async def deleted_since(db: Database) -> datetime | None:
    """When the oldest deletion was that Prefect does not know of yet."""
    async with db.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(query("measured_deletions"))
        found: datetime | None = await cursor.fetchone()
        return found


async def open_runs(db: Database) -> list[OpenRun]:
    """All of them, in no order."""
    return await _rows(db, OpenRun, query("open_runs_of_types"))


async def ended_runs(db: Database, since: datetime, ids: Collection[RunId]) -> list[EndedRun]:
    """Those that ended since then, and those of `ids` that have ended."""
    return await _rows(db, EndedRun, query("ended_runs"), {"since": since, "ids": list(ids)})


async def failures(db: Database, ids: Collection[RunId]) -> list[FailureCount]:
    """Of devices in these runs."""
    return await _rows(db, FailureCount, query("failures_of_runs"), {"ids": list(ids)})


async def backup_ages(db: Database) -> BackupAges:
    """Of the devices that enabled backup tasks have as their target."""
    (found,) = await _rows(db, BackupAges, query("backup_ages"))
    return found


async def _rows(
    db: Database, kind: type[T], text: LiteralString, values: dict[str, Any] | None = None
) -> list[T]:
    async with (
        db.connection() as connection,
        connection.cursor(row_factory=class_row(kind)) as cursor,
    ):
        await cursor.execute(text, values)
        return await cursor.fetchall()
