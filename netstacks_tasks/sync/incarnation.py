"""Notices that the database was put back to an earlier state, from a backup or by a failover."""

from __future__ import annotations

from dataclasses import dataclass

from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a database that goes on never takes back."""

    file: int
    """Where the task table lies: another one after a restore of a dump."""
    timeline: str
    """Another one after a recovery to a point in time, and after a failover."""
    position: int
    """In the log of changes: an older copy of the whole cluster is behind."""


class Incarnation:
    """Remembers the database as it was when it was last looked at."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen: _Mark | None = None

    async def is_another(self) -> bool:
        """Whether it may have lost what was in it at the last look; never at the first one.

        A rewrite of the task table (VACUUM FULL) looks the same.

        Raises:
            StoreUnavailable: PostgreSQL does not answer.
        """
        row = (await task_rows.fetch(self._db, "incarnation"))[0]
        now = _Mark(int(row["file"]), row["timeline"], int(row["position"]))
        before, self._seen = self._seen, now
        if before is None:
            return False
        same = (before.file, before.timeline) == (now.file, now.timeline)
        return not same or now.position < before.position
