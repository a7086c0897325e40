"""Reads the database for all who ask at about the same time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.metrics.tally import Tally
from netstacks_tasks.store import measures
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.measures import BackupAges, OpenRun, TypeCount

logger = logging.getLogger(__name__)

FRESH_SECONDS: Final = 10.0
"""However many ask, the database is asked once in this time."""
_BACKUPS_SECONDS: Final = 300.0
"""Ages are told in days, and it takes a look per device to know them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the database said."""

    at: datetime
    types: Sequence[TypeCount] = ()
    open_runs: Sequence[OpenRun] = ()
    deleted_since: datetime | None = None
    backups: BackupAges = field(
        default_factory=lambda: BackupAges(devices=0, within_day=0, within_week=0)
    )


class Readings:
    """The newest reading, and the sums over all of them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = asyncio.Lock()
        self._read_at = self._backups_at = -float("inf")
        self._backups: BackupAges | None = None
        self.tally = Tally(datetime.now(UTC))
        self.newest: Reading | None = None
        """None: the database did not answer the last time."""

    async def refresh(self) -> None:
        """Read again, unless that was done just now; what fails is told by `newest`."""
        async with self._lock:
            if time.monotonic() - self._read_at < FRESH_SECONDS:
                return
            try:
                self.newest = await self._read()
            except NetstacksError as error:
                self.newest = None
                logger.warning("the numbers cannot be read: %s", error)
            self._read_at = time.monotonic()

    async def _read(self) -> Reading:
        now = datetime.now(UTC)
        open_runs = await measures.open_runs(self._db)
        ended = await measures.ended_runs(self._db, self.tally.since(now), self.tally.watched)
        fresh = self.tally.fresh(ended)
        failures = await measures.failures(self._db, [run.id for run in fresh]) if fresh else []
        self.tally.add(fresh, failures, [run.id for run in open_runs], now)
        if self._backups is None or time.monotonic() - self._backups_at >= _BACKUPS_SECONDS:
            self._backups = await measures.backup_ages(self._db)
            self._backups_at = time.monotonic()
        return Reading(
            at=now,
            types=await measures.types(self._db),
            open_runs=open_runs,
            deleted_since=await measures.deleted_since(self._db),
            backups=self._backups,
        )
