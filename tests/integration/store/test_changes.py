"""Edits are heard of, also after the server was away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store import tasks
from netstacks_tasks.store.changes import listen
from netstacks_tasks.store.database import Database
from tests.integration.store import samples
from tests.integration.store.samples import task


async def heard(changes: AsyncIterator[TaskId | None]) -> TaskId | None:
    async with asyncio.timeout(30):
        return await anext(changes)


async def test_every_edit_is_heard_of(database: Database, database_url: str) -> None:
    await samples.fill(database)
    changes = listen(database_url)
    assert await heard(changes) is None
    created = await tasks.create(database, task())
    assert await heard(changes) == created.id
    await tasks.update(database, created.id, {"max_retries": 9})
    assert await heard(changes) == created.id
    # Made while nobody waits: not lost.
    others = [await tasks.create(database, task(f"t{n}")) for n in range(20)]
    assert [await heard(changes) for _ in others] == [other.id for other in others]
    async with database.connection() as connection:
        await connection.execute("NOTIFY netstacks_tasks, 'nonsense'")
    await tasks.delete(database, created.id)
    assert await heard(changes) == created.id
    await changes.aclose()


async def test_the_server_may_go_away(public_tmp: Path) -> None:
    async with (
        samples.cluster(public_tmp / "listened") as cluster,
        Database.open(cluster.url) as db,
    ):
        await samples.fill(db)
        changes = listen(cluster.url)
        assert await heard(changes) is None
        waiting = asyncio.create_task(heard(changes))
        await cluster.stop()
        missed = asyncio.create_task(asyncio.sleep(1.5))
        await missed
        assert not waiting.done()
        await cluster.start()
        # What was said meanwhile is lost: look at everything.
        assert await waiting is None
        created = await tasks.create(db, task())
        assert await heard(changes) == created.id
        await changes.aclose()


async def test_a_listener_that_is_stopped_leaves_no_session(
    database: Database, database_url: str
) -> None:
    changes = listen(database_url)
    assert await heard(changes) is None
    waiting = asyncio.create_task(heard(changes))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    async def gone() -> bool:
        async with database.connection() as connection:
            cursor = await connection.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'netstacks listen'"
            )
            return await cursor.fetchone() is None

    await samples.eventually(gone)


async def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        await anext(listen("nonsense"))
