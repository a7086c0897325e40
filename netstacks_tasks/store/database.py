"""The database: a pool of connections that outlives restarts of the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Self

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from netstacks_tasks.errors import StoreUnavailable
from netstacks_tasks.store import connecting, migrate
from netstacks_tasks.store.acting import current_actor
from netstacks_tasks.store.queries import query
from netstacks_tasks.store.sealing import UNSEALED, Sealing

Connection = AsyncConnection[TupleRow]

_PATIENCE: Final = 3.0
"""Seconds to wait for the pool before asking whether the server is there at all."""
_BUSY_SECONDS: Final = 30.0


async def _check(connection: Connection) -> None:
    """Does it still work? A network that swallows everything is an answer too."""
    async with asyncio.timeout(_PATIENCE):
        await AsyncConnectionPool.check_connection(connection)


class Database:
    """NetStacks' own database.

    Example:
        ```python
        async with Database.open("postgresql://netstacks@127.0.0.1/netstacks") as db:
            async with db.transaction() as connection:
                await connection.execute("SELECT 1")
        ```
    """

    def __init__(self, url: str, *, max_connections: int = 10, sealing: Sealing = UNSEALED) -> None:
        """Describe it; nothing is connected yet.

        Raises:
            ConfigurationError: the URL is not one of PostgreSQL.
        """
        self.url = url
        """May hold a password: never shown."""
        self.sealing = sealing
        """How the texts of configurations are encrypted."""
        self._max = max_connections
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            kwargs={
                **connecting.parameters(url),
                "autocommit": True,
                "application_name": "netstacks",
            },
            min_size=0,
            max_size=max_connections,
            open=False,
            check=_check,
            # Whoever waits asks again; a long back-off would outlive the outage.
            reconnect_timeout=1,
            name="netstacks",
        )

    def __repr__(self) -> str:
        return f"<Database, {self._max} connections at most>"

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        migrate: bool = True,
        *,
        max_connections: int = 10,
        sealing: Sealing = UNSEALED,
    ) -> AsyncIterator[Self]:
        """Connect, and bring the schema up to date or check that it is.

        Args:
            url: a `postgresql://` URL.
            migrate: False refuses a schema that is behind, instead of mending it.
            max_connections: how many at the same time.
            sealing: how the texts of configurations are encrypted.

        Raises:
            ConfigurationError: a bad URL, or a schema this version cannot use.
            StoreUnavailable: PostgreSQL cannot be reached.
        """
        database = cls(url, max_connections=max_connections, sealing=sealing)
        await database._prepare_schema(migrate)
        async with database._pool:
            yield database

    async def _prepare_schema(self, up_to_date: bool) -> None:
        async with await connecting.connect(self.url, name="netstacks migrate") as connection:
            with connecting.store_errors():
                if up_to_date:
                    await migrate.migrate(connection)
                else:
                    await migrate.check(connection)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit mode, tested before it is handed out.

        Raises:
            StoreUnavailable: none can be had, or it broke while in use.
            InvalidInput: PostgreSQL refused a value.
        """
        connection = await self._checkout()
        try:
            with connecting.store_errors():
                yield connection
        finally:
            await self._pool.putconn(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection within a transaction: committed at the end, or nothing happened.

        What it changes is recorded as the doing of the current actor.

        Raises:
            StoreUnavailable: as for `connection`.
            InvalidInput: PostgreSQL refused a value.
        """
        async with self.connection() as connection, connection.transaction():
            if (actor := current_actor()) is not None:
                said = {"actor": actor.name, "via": actor.via, "address": actor.address}
                await connection.execute(query("set_actor"), {"actor": json.dumps(said)})
            yield connection

    async def _checkout(self) -> Connection:
        deadline = asyncio.get_running_loop().time() + _BUSY_SECONDS
        while True:
            try:
                return await self._pool.getconn(_PATIENCE)
            except PoolTimeout:
                # Down or just busy? A connection of its own tells, and tells why.
                await (await connecting.connect(self.url, name="netstacks probe")).close()
            if asyncio.get_running_loop().time() > deadline:
                raise StoreUnavailable(
                    f"all {self._max} connections to PostgreSQL have been busy for "
                    f"{_BUSY_SECONDS:.0f} seconds: something holds them"
                )
