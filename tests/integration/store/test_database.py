"""The pool outlives the server, and says quickly when there is none."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Self

import psycopg
import pytest

from netstacks_tasks.errors import ConfigurationError, InvalidInput, StoreUnavailable
from netstacks_tasks.store import database
from netstacks_tasks.store.database import Database
from tests.integration.store import samples


async def one(db: Database) -> object:
    async with db.connection() as connection:
        row = await (await connection.execute("SELECT 1")).fetchone()
        return row and row[0]


async def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    async def fail_half_way() -> None:
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO device_groups VALUES (gen_random_uuid(), 'a')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_half_way()
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT count(*) FROM device_groups")
        assert await cursor.fetchone() == (0,)


async def test_a_restart_of_the_server_is_survived(public_tmp: Path) -> None:
    async with (
        samples.cluster(public_tmp / "restarted") as cluster,
        Database.open(cluster.url) as db,
    ):
        # Several connections in the pool, all of them dead afterwards.
        await asyncio.gather(*(one(db) for _ in range(5)))
        await cluster.restart()
        assert await asyncio.gather(*(one(db) for _ in range(5))) == [1] * 5
        await cluster.stop()
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match="refused"):
                await one(db)
        await cluster.start()
        assert await one(db) == 1


async def test_a_connection_that_breaks_in_use_is_named_and_replaced(database: Database) -> None:
    with pytest.raises(StoreUnavailable, match="PostgreSQL does not serve"):
        async with database.transaction() as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await one(database) == 1


async def test_no_server_is_said_and_no_password_told() -> None:
    url = "postgresql://netstacks:canary-password@127.0.0.1:1/netstacks"
    with pytest.raises(StoreUnavailable, match="refused") as refused:
        async with Database.open(url):
            pass
    assert "canary" not in f"{refused.value!r} {refused.value.__cause__!r}"
    assert "canary" not in repr(Database(url))


async def test_a_wrong_password_is_said(database_url: str) -> None:
    wrong = psycopg.conninfo.conninfo_to_dict(database_url)
    url = f"postgresql://{wrong['user']}:canary@127.0.0.1:{wrong['port']}/{wrong['dbname']}"
    with pytest.raises(StoreUnavailable, match="password authentication failed") as refused:
        async with Database.open(url):
            pass
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///canary",
        "host=127.0.0.1 password=canary",
        "postgresql://u:canary@[127.0.0.1/x",
        "postgresql://u:can%zzary@127.0.0.1/x",
        "postgresql://u:canary@127.0.0.1/x?nonsense=1",
        "postgresql+psycopg://u:canary@127.0.0.1/x",
    ],
)
def test_a_url_that_is_none_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(ConfigurationError, match="postgresql://user:password@host") as refused:
        Database(url)
    assert "can" not in str(refused.value).replace("cannot", "")


async def test_a_pool_that_is_held_is_not_taken_for_a_server_that_is_away(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PATIENCE", 0.1)
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.5)
    async with Database.open(database_url, max_connections=1) as db, db.connection():
        with pytest.raises(StoreUnavailable, match="all 1 connections to Postgre"):
            await one(db)
    monkeypatch.setattr(database, "_BUSY_SECONDS", 30)
    async with Database.open(database_url, max_connections=1) as db:
        async with db.connection():
            waiting = asyncio.create_task(one(db))
            await asyncio.sleep(0.3)
            assert not waiting.done()
        assert await waiting == 1


async def test_a_value_that_postgresql_cannot_hold_is_bad_input(database: Database) -> None:
    for text, message in (("a\x00b", "NUL"), ("a\ud800b", "half a character")):
        with pytest.raises(InvalidInput, match=message):
            async with database.connection() as connection:
                await connection.execute("SELECT %s::text", [text])


class Network:
    """A forwarder to PostgreSQL that can fall silent without a word."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._flows = asyncio.Event()
        self._flows.set()
        self._copies: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for copy in self._copies:
            copy.cancel()
        await asyncio.gather(*self._copies, return_exceptions=True)

    def fall_silent(self) -> None:
        self._flows.clear()

    def speak_again(self) -> None:
        self._flows.set()

    async def _accept(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        far, to_far = await asyncio.open_connection("127.0.0.1", self._target)
        for source, sink in ((near, to_far), (far, to_near)):
            self._copies.add(asyncio.create_task(self._copy(source, sink)))

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
        except OSError:
            return
        finally:
            sink.close()


async def test_a_network_that_swallows_everything_is_no_hang(database_url: str) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(database_url)
    async with Network(int(str(parts["port"]))) as network:
        url = database_url.replace(f":{parts['port']}/", f":{network.port}/")
        async with Database.open(url) as db:
            assert await one(db) == 1
            network.fall_silent()
            async with asyncio.timeout(60):
                with pytest.raises(StoreUnavailable):
                    await one(db)
            network.speak_again()
            assert await one(db) == 1
