"""How portions of what goes are removed, counted and told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.retention_rounds import RetentionEntry
from netstacks_tasks.sync.retention_report import RetentionReport


class Work:
    """What the parts of one round share."""

    def __init__(
        self,
        db: Database,
        report: RetentionReport,
        entry: RetentionEntry,
        *,
        dry_run: bool,
        gently: bool,
    ) -> None:
        self.db = db
        self.report = report
        self.dry_run = dry_run
        self._entry = entry
        self._gently = gently
        self._rested_at = time.monotonic()

    @asynccontextmanager
    async def portion(self) -> AsyncIterator[Connection]:
        """A transaction, at whose end the audit log tells what the report has by then."""
        async with self.db.transaction() as connection:
            yield connection
            if totals := self.report.totals():
                await self._entry.write(connection, totals)
        await self._rest()

    async def _rest(self) -> None:
        """Leave the servers as much time to others as the portion has taken."""
        if self._gently:
            await asyncio.sleep(time.monotonic() - self._rested_at)
        self._rested_at = time.monotonic()
