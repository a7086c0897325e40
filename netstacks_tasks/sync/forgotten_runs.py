"""Runs that are open here and that Prefect does not have: deleted there, or lost by a restore."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final

from netstacks_tasks.models.ids import RunId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.desired import installation_tag
from netstacks_tasks.sync.events import MENDED, emit, event_of

logger = logging.getLogger(__name__)

_MESSAGE: Final = (
    "Prefect no longer has this run: it was deleted there, or its database was put back to an "
    "earlier state. How it ended is not known."
)
_TOLD: Final = "Prefect no longer has it, and it is closed here."


class ForgottenRuns:
    """Remembers for how long Prefect has not had each of them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._since: dict[RunId, datetime] = {}

    def looked_for(self, asked: Collection[RunId], found: Collection[RunId]) -> None:
        """Note which open runs Prefect was asked for, and which of them it has."""
        now = datetime.now(UTC)
        for run_id in asked:
            if run_id in found:
                self._since.pop(run_id, None)
            else:
                self._since.setdefault(run_id, now)

    async def close(self, held: Collection[RunId], after: timedelta) -> list[RunId]:
        """End those that Prefect has not had for long and that nobody works on.

        A time of the schedule that never began is missed, anything else has crashed.

        Args:
            held: the runs whose process is known to live: it ends them itself.
            after: how long to wait; a row and its run are not written at once.

        Returns:
            those that were ended.

        Raises:
            StoreUnavailable: PostgreSQL does not answer.
        """
        now = datetime.now(UTC)
        old = [one for one, since in self._since.items() if now - since >= after]
        ids = [one for one in old if one not in held]
        for one in ids:
            del self._since[one]
        if not ids:
            return []
        values = {"ids": ids, "message": _MESSAGE}
        rows = await task_rows.fetch(self._db, "close_forgotten", values)
        tasks = list({row["task_id"] for row in rows if row["task_id"] is not None})
        await task_rows.execute(self._db, "last_runs", {"ids": tasks})
        tags = [installation_tag(await task_rows.installation(self._db))]
        for row in rows:
            extra = {"action": "run_forgotten", "run_id": str(row["id"])}
            logger.warning(
                "run %s of task %s: Prefect does not have it any more; it is %s",
                row["id"],
                row["task_name"],
                row["state"],
                extra=extra,
            )
        await emit(
            *(
                event_of(
                    MENDED,
                    row["task_id"],
                    task_name=row["task_name"],
                    run_id=RunId(row["id"]),
                    tags=tags,
                    payload={"told": _TOLD, "verdict": "forgotten"},
                )
                for row in rows
                if row["task_id"] is not None
            )
        )
        return [RunId(row["id"]) for row in rows]
