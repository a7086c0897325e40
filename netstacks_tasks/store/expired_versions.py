"""Versions of configurations that need not be kept any longer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from netstacks_tasks.models.ids import RunId, SnapshotId, TaskId
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.queries import query
from netstacks_tasks.store.version_log import Place

AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRule:
    """How many newer ones it takes, and since when, for a version to go."""

    kept: int
    before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OldVersion:
    """A version that was captured long ago."""

    id: SnapshotId
    captured_at: datetime
    device_id: UUID | None
    device_name: str
    destination: str
    source: str
    task_id: TaskId | None
    expired: bool
    """It is beyond the count and the age."""
    shown_by: Sequence[RunId]
    """Runs whose results need it; asked for only when it is expired."""

    @property
    def place(self) -> Place:
        return Place(self.captured_at, self.id)

    @property
    def series(self) -> tuple[UUID | str, str, str]:
        """Versions that follow each other."""
        return (self.device_id or self.device_name, self.destination, self.source)


async def following(
    db: Database,
    rule: VersionRule,
    own: Mapping[TaskId, VersionRule],
    *,
    after: Place,
    all_runs: bool,
) -> list[OldVersion]:
    """The next versions by time.

    Args:
        db: the database.
        rule: for versions of tasks that have none of their own, or are gone.
        own: of those that have.
        after: the last one of the portion before.
        all_runs: find every run that needs a version, not only whether there is one.
    """
    values = {
        "after_time": after.captured_at,
        "after_id": after.id,
        "before": max(one.before for one in (rule, *own.values())),
        "limit": AT_ONCE,
        "tasks": list(own),
        "kept": [one.kept for one in own.values()],
        "befores": [one.before for one in own.values()],
        "default_kept": rule.kept,
        "default_before": rule.before,
        "shown": None if all_runs else 1,
    }
    async with (
        db.connection() as connection,
        connection.cursor(row_factory=class_row(OldVersion)) as cursor,
    ):
        await cursor.execute(query("expired_versions"), values)
        return await cursor.fetchall()


async def delete(connection: Connection, versions: Collection[SnapshotId]) -> int:
    """Returns how many there were."""
    cursor = await connection.execute(query("delete_versions"), {"versions": list(versions)})
    return cursor.rowcount
