"""The session that holds a run's locks, and who else holds which."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from netstacks_tasks.errors import StoreUnavailable
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store.connecting import connect, store_errors
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.queries import query

_NAME: Final = "netstacks run "
"""Before the run's id, in the session's application_name."""
_ANSWER_SECONDS: Final = 10.0


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
    """One connection, kept for its locks; every call may raise `StoreUnavailable`."""

    def __init__(self, url: str, task_id: TaskId, run_id: RunId) -> None:
        self._url = url
        self._task_key = task_key(task_id)
        self._run_key = run_key(run_id)
        self._name = f"{_NAME}{run_id}"
        self._connection: Connection | None = None
        self._holds_run = False

    @property
    def open(self) -> bool:
        return self._connection is not None

    async def connect(self) -> None:
        """Begin anew, with no lock but the run's own if that is free."""
        await self.close()
        self._connection = await connect(self._url, name=self._name)
        await self._announce()

    async def try_take(self) -> bool:
        """Take both locks if they are free."""
        if not await self._announce():
            return False
        return bool(await self._ask("try_lock", {"key": self._task_key}))

    async def holder(self) -> Holder | None:
        """Who holds the task's lock, or the run's own, beside this session."""
        key = self._task_key if self._holds_run else self._run_key
        row = await self._row("lock_holder", {"key": key})
        return None if row is None else Holder(str(row[0]), int(str(row[1])))

    async def settled(self, seconds: float) -> bool:
        """Whether the server has been up for so long."""
        return bool(await self._ask("up_for", {"seconds": seconds}))

    async def ping(self) -> None:
        """Make sure that the session is there."""
        await self._ask("ping", {})

    async def close(self) -> None:
        """Free the locks, by ending the session."""
        connection, self._connection = self._connection, None
        self._holds_run = False
        if connection is None:
            return
        # Without this the server frees them some time after the connection's end.
        with suppress(StoreUnavailable, TimeoutError), store_errors():
            async with asyncio.timeout(_ANSWER_SECONDS):
                await connection.execute(query("unlock_all"))
        await connection.close()

    async def _announce(self) -> bool:
        """Hold the run's own lock; False while another process has it."""
        if not self._holds_run:
            self._holds_run = bool(await self._ask("try_lock", {"key": self._run_key}))
        return self._holds_run

    async def _ask(self, name: str, parameters: dict[str, object]) -> object:
        row = await self._row(name, parameters)
        return None if row is None else row[0]

    async def _row(self, name: str, parameters: dict[str, object]) -> tuple[object, ...] | None:
        if self._connection is None:
            raise StoreUnavailable("the session that holds the lock is closed")
        with store_errors():
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    cursor = await self._connection.execute(query(name), parameters)
                    return await cursor.fetchone()
            except TimeoutError as error:
                raise StoreUnavailable(
                    f"PostgreSQL has not answered for {_ANSWER_SECONDS:.0f} seconds"
                ) from error
