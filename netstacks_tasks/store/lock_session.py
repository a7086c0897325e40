"""The session that holds a run's locks, and who else holds which."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.lock_connection import LockConnection
from netstacks_tasks.store.queries import query

_NAME: Final = "netstacks run "
"""Before the run's id, in the session's application_name."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A session that holds a task's lock."""

    name: str
    pid: int

    @property
    def run_id(self) -> RunId | None:
        """The run it belongs to; None when it is no session of ours."""
        return _run_of(self.name)

    def __str__(self) -> str:
        return f"{self.name or 'an unnamed session'} (PostgreSQL process {self.pid})"


def task_key(task_id: TaskId) -> int:
    """The 64 bits that name a task's lock."""
    return _key("task", task_id)


def run_key(run_id: RunId) -> int:
    """The 64 bits that name a run's own lock."""
    return _key("run", run_id)


def _key(kind: str, of: UUID) -> int:
    digest = hashlib.blake2b(of.bytes, digest_size=8, person=f"netstacks {kind}".encode())
    return int.from_bytes(digest.digest(), "big", signed=True)


def _run_of(name: str) -> RunId | None:
    try:
        return RunId(UUID(name.removeprefix(_NAME))) if name.startswith(_NAME) else None
    except ValueError:
        return None


async def alive_runs(db: Database, run_ids: Collection[RunId]) -> set[RunId]:
    """Those of the runs whose process lives."""
    return await holders(db) & set(run_ids)


async def holders(db: Database) -> set[RunId]:
    """Every run whose process lives: it holds its task's lock, or waits for it."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("lock_sessions"), {"name": f"{_NAME}%"})
        rows = await cursor.fetchall()
    return {run for name, keys in rows if (run := _run_of(name)) and run_key(run) in keys}


class LockSession:
    """One connection, kept for a run's locks; every call may raise `StoreUnavailable`."""

    def __init__(self, url: str, task_id: TaskId, run_id: RunId) -> None:
        self._task_key = task_key(task_id)
        self._run_key = run_key(run_id)
        self._connection = LockConnection(url, f"{_NAME}{run_id}")
        self._holds_run = False

    @property
    def open(self) -> bool:
        return self._connection.open

    async def connect(self) -> None:
        """Begin anew, with no lock but the run's own if that is free."""
        self._holds_run = False
        await self._connection.connect()
        await self._announce()

    async def try_take(self) -> bool:
        """Take both locks if they are free."""
        return await self._announce() and await self._connection.try_take(self._task_key)

    async def holder(self) -> Holder | None:
        """Who holds the task's lock, or the run's own, beside this session."""
        found = await self._connection.holder(self._task_key if self._holds_run else self._run_key)
        return None if found is None else Holder(*found)

    async def settled(self, seconds: float) -> bool:
        """Whether the server has been up for so long."""
        return await self._connection.settled(seconds)

    async def ping(self) -> None:
        """Make sure that the session is there."""
        await self._connection.ping()

    async def close(self) -> None:
        """Free the locks, by ending the session."""
        self._holds_run = False
        await self._connection.close()

    async def _announce(self) -> bool:
        """Hold the run's own lock; False while another process has it."""
        if not self._holds_run:
            self._holds_run = await self._connection.try_take(self._run_key)
        return self._holds_run
