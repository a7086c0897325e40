"""The schema only moves forward, once, whoever starts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import LiteralString
from uuid import uuid4

import psycopg
import pytest

from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.store import migrate
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.migrate import Migration


def step(version: int, text: str) -> Migration:
    return Migration(version=version, name=f"step_{version}", text=text)


FIRST = step(1, "CREATE TABLE a (n integer); INSERT INTO a VALUES (1);")
SECOND = step(2, "-- 100%\nINSERT INTO a SELECT n + 1 FROM a;")
BROKEN = step(3, "INSERT INTO a VALUES (9); SELECT 1 / 0;")


@pytest.fixture
async def empty_url(postgres_url: str) -> str:
    name: LiteralString = f"empty_{uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as admin:
        await admin.execute(f"CREATE DATABASE {name}")
    return postgres_url.rpartition("/")[0] + f"/{name}"


async def connect(url: str) -> migrate.Connection:
    return await psycopg.AsyncConnection.connect(url, autocommit=True)


async def numbers(connection: migrate.Connection) -> list[int]:
    cursor = await connection.execute("SELECT n FROM a ORDER BY n")
    return [row[0] for row in await cursor.fetchall()]


async def test_each_step_is_applied_once_and_in_order(empty_url: str) -> None:
    async with await connect(empty_url) as connection:
        assert await migrate.migrate(connection, (FIRST,)) == 1
        assert await migrate.migrate(connection, (FIRST, SECOND)) == 1
        assert await migrate.migrate(connection, (FIRST, SECOND)) == 0
        assert await numbers(connection) == [1, 2]
        await migrate.check(connection, (FIRST, SECOND))


async def test_starters_at_once_do_it_once(empty_url: str) -> None:
    connections = [await connect(empty_url) for _ in range(6)]
    applied = await asyncio.gather(*(migrate.migrate(c, (FIRST, SECOND)) for c in connections))
    assert sorted(applied) == [0, 0, 0, 0, 0, 2]
    assert await numbers(connections[0]) == [1, 2]
    for connection in connections:
        await connection.close()


async def test_a_failed_step_leaves_nothing_and_may_be_repeated(empty_url: str) -> None:
    async with await connect(empty_url) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            await migrate.migrate(connection, (FIRST, SECOND, BROKEN))
        assert await numbers(connection) == [1, 2]
        mended = replace(BROKEN, text="INSERT INTO a VALUES (3)")
        async with await connect(empty_url) as other:
            assert await migrate.migrate(other, (FIRST, SECOND, mended)) == 1
        assert await numbers(connection) == [1, 2, 3]


async def test_a_newer_schema_is_refused(empty_url: str) -> None:
    async with await connect(empty_url) as connection:
        await migrate.migrate(connection, (FIRST, SECOND))
        for work in (migrate.migrate, migrate.check):
            with pytest.raises(ConfigurationError, match="used by a newer version"):
                await work(connection, (FIRST,))


async def test_an_edited_step_is_refused(empty_url: str) -> None:
    edited = replace(FIRST, text=FIRST.text + " SELECT 1;")
    other_line_ends = replace(SECOND, text=SECOND.text.replace("\n", "\r\n"))
    async with await connect(empty_url) as connection:
        await migrate.migrate(connection, (FIRST, SECOND))
        await migrate.check(connection, (FIRST, other_line_ends))
        for work in (migrate.migrate, migrate.check):
            with pytest.raises(ConfigurationError, match="0001_step_1 was changed after"):
                await work(connection, (edited, SECOND))


async def test_a_step_slipped_in_before_others_is_refused(empty_url: str) -> None:
    async with await connect(empty_url) as connection:
        await migrate.migrate(connection, (SECOND_ALONE,))
        with pytest.raises(ConfigurationError, match="0001_step_1 was never applied"):
            await migrate.migrate(connection, (FIRST, SECOND_ALONE))


SECOND_ALONE = step(2, "CREATE TABLE b ()")


async def test_an_old_schema_is_refused_where_it_is_not_to_be_changed(empty_url: str) -> None:
    with pytest.raises(ConfigurationError, match="schema lacks"):
        async with Database.open(empty_url, migrate=False):
            pass
    async with Database.open(empty_url):
        pass
    async with Database.open(empty_url, migrate=False) as db, db.connection() as connection:
        cursor = await connection.execute("SELECT count(*) FROM tasks")
        assert await cursor.fetchone() == (0,)


def test_the_files_are_numbered_without_gaps() -> None:
    assert [known.version for known in migrate.known()] == list(range(1, len(migrate.known()) + 1))
