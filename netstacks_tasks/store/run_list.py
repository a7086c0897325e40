"""Runs as a list shows them: one line each, with the reason when one went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg.rows import dict_row

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.runs import AttemptOutcome, TaskRun
from netstacks_tasks.models.task_spec import TASK_TYPES
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query
from netstacks_tasks.store.runs import HistoryKey, place

# Prefect's own words around an error of ours.
_WRAPPING: Final = re.compile(r"^Flow run encountered an exception: (?:\w+: )?")
_LONGEST_REASON: Final = 240


class ListedRun(TaskRun):
    """A run and how its last attempt ended."""

    outcome: AttemptOutcome | None = None
    error: str = ""

    @property
    def shown_state(self) -> str:
        """The state, and `timed_out` where it failed because its time was over."""
        timed_out = self.state == "failed" and self.outcome == "timed_out"
        return "timed_out" if timed_out else self.state

    @property
    def reason(self) -> str:
        """Why it is as it is, in one line; may be empty."""
        text = _WRAPPING.sub("", self.message or self.error)
        line = " ".join(text.split())
        return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"


class Failure(ListedRun):
    """The newest of a task's runs that went wrong."""

    times: int
    """How many of its runs did."""
    recovered: bool
    """A later run went well."""


async def runs_of_task(
    db: Database, task_id: TaskId, limit: int, before: HistoryKey | None = None
) -> list[ListedRun]:
    """A page of a task's runs, the latest times first."""
    values = {"task_id": task_id, "limit": limit} | place(before)
    return [ListedRun(**row) for row in await _rows(db, "runs_of_task", values)]


async def failures(db: Database, since: datetime, limit: int = 10) -> tuple[list[Failure], int]:
    """Tasks whose runs went wrong since then, those that still do first, and how many they are."""
    values = {"since": since, "task_types": list(TASK_TYPES), "limit": limit}
    rows = await _rows(db, "failures", values)
    total = rows[0]["found"] if rows else 0
    return [Failure(**{k: v for k, v in row.items() if k != "found"}) for row in rows], total


async def _rows(db: Database, name: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query(name), values)
        return await cursor.fetchall()
