"""A connection that is kept for the locks its session holds."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from netstacks_tasks.errors import StoreUnavailable
from netstacks_tasks.store.connecting import connect, store_errors
from netstacks_tasks.store.database import Connection
from netstacks_tasks.store.queries import query

_ANSWER_SECONDS: Final = 10.0


class LockConnection:
    """One session of PostgreSQL; every call but `close` may raise `StoreUnavailable`."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self.name = name
        """Shown to whoever waits, as the session's application_name."""
        self._connection: Connection | None = None

    @property
    def open(self) -> bool:
        return self._connection is not None

    async def connect(self) -> None:
        """Begin anew, with no lock."""
        await self.close()
        self._connection = await connect(self._url, name=self.name)

    async def close(self) -> None:
        """Free the locks, by ending the session."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            # Without this the server frees them some time after the connection's end.
            with suppress(StoreUnavailable, TimeoutError), store_errors():
                async with asyncio.timeout(_ANSWER_SECONDS):
                    await connection.execute(query("unlock_all"))
        finally:
            await connection.close()

    async def try_take(self, key: int) -> bool:
        """Take the lock of that name if it is free."""
        return bool(await self._ask("try_lock", {"key": key}))

    async def settled(self, seconds: float) -> bool:
        """Whether the server has been up for so long."""
        return bool(await self._ask("up_for", {"seconds": seconds}))

    async def ping(self) -> None:
        """Make sure that the session is there."""
        await self._ask("ping", {})

    async def holder(self, key: int) -> tuple[str, int] | None:
        """Which other session has a lock: its name, which may be empty, and its process."""
        row = await self._row("lock_holder", {"key": key})
        return None if row is None else (str(row[0]), int(str(row[1])))

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
