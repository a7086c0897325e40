"""Encrypted configurations: nobody reads them without the key, and nothing else changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.models.capture import Capture
from netstacks_tasks.store import runs, snapshots, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.resealing import reseal
from netstacks_tasks.store.sealing import Sealing
from tests.integration.store import samples
from tests.integration.store.samples import R1, run_id, task

OLD, NEW = bytes(32), bytes(range(32))
TEXT = "hostname r1\nsnmp-server community canary-community\nend\n"


@asynccontextmanager
async def opened(database: Database, *keys: bytes) -> AsyncIterator[Database]:
    async with Database.open(database.url, migrate=False, sealing=Sealing(keys)) as db:
        yield db


@pytest.fixture
async def filled(database: Database) -> Database:
    await samples.fill(database)
    made = await tasks.create(database, task())
    now = datetime.now(UTC)
    await runs.upsert_run(database, run_id("one"), made.id, trigger="manual", scheduled_for=now)
    return database


async def keep(db: Database, text: str) -> snapshots.KeptVersion:
    task_id = (await runs.get(db, run_id("one"))).task_id
    assert task_id is not None
    capture = Capture(
        device=R1, source="running", content=text, normalised=normalise(R1.platform, text)
    )
    (kept,) = await snapshots.keep_all(
        db, [capture], task_id=task_id, run_id=run_id("one"), destination="configs"
    )
    return kept


async def dump(db: Database) -> str:
    """Every row of the versions, as PostgreSQL prints it."""
    async with db.connection() as connection:
        cursor = await connection.execute("SELECT s::text FROM config_snapshots s")
        return "\n".join([row[0] for row in await cursor.fetchall()])


async def test_only_the_key_reads_what_is_kept(filled: Database) -> None:
    async with opened(filled, OLD) as db:
        kept = await keep(db, TEXT)
        assert (await snapshots.get(db, kept.id)).content == TEXT
        assert not (await keep(db, TEXT)).made
        assert (await snapshots.seen_all(db, [(R1.id, "running", TEXT)], destination="configs"))[0]
        changed = await keep(db, TEXT.replace("r1", "r2"))
        diff = await snapshots.diff(db, kept.id, changed.id, normalise=normalise)
        assert "+hostname r2" in diff
    rows = await dump(filled)
    assert "canary" not in rows
    assert b"canary".hex() not in rows
    with pytest.raises(ConfigurationError, match="NETSTACKS_CONFIG_KEY_FILE"):
        await snapshots.get(filled, kept.id)


async def test_the_hash_is_of_no_use_to_who_has_a_dump(filled: Database) -> None:
    async with opened(filled, OLD) as db:
        await keep(db, TEXT)
    rows = await dump(filled)
    guessed = Sealing().digest(normalise(R1.platform, TEXT))
    assert guessed not in rows
    assert Sealing([OLD]).digest(normalise(R1.platform, TEXT)) in rows


async def test_a_history_in_the_clear_is_gone_on_with_and_then_encrypted(filled: Database) -> None:
    first = await keep(filled, TEXT)
    async with opened(filled, OLD) as db:
        # Nothing has changed: encryption makes no version.
        assert await keep(db, TEXT) == snapshots.KeptVersion(
            first.id, made=False, run_id=run_id("one")
        )
        second = await keep(db, "end\n" * 3)
        told: list[int] = []
        assert await reseal(db, normalise, told.append) == 1
        assert told == [1]
        assert await reseal(db, normalise) == 0
    assert "canary" not in await dump(filled)
    # The next key: both open, one encrypts.
    async with opened(filled, NEW, OLD) as db:
        assert not (await keep(db, "end\n" * 3)).made
        assert await reseal(db, normalise) == 2
    async with opened(filled, NEW) as db:
        assert (await snapshots.get(db, first.id)).content == TEXT
        assert (await snapshots.get(db, second.id)).content == "end\n" * 3
        assert not (await keep(db, "end\n" * 3)).made


async def test_a_worker_without_the_key_puts_nothing_in_the_clear_beside_it(
    filled: Database,
) -> None:
    async with opened(filled, OLD) as db:
        await keep(db, TEXT)
    with pytest.raises(ConfigurationError, match="NETSTACKS_CONFIG_KEY_FILE"):
        await snapshots.seen_all(filled, [(R1.id, "running", TEXT)], destination="configs")
    # Where nothing is encrypted nobody needs a key.
    found = await snapshots.seen_all(filled, [(R1.id, "running", TEXT)], destination="other")
    assert found == [None]


async def test_many_are_done_in_portions(filled: Database) -> None:
    for number in range(203):
        await keep(filled, f"version {number}\n")
    told: list[int] = []
    async with opened(filled, OLD) as db:
        assert await reseal(db, normalise, told.append) == 203
        (newest, *_) = await snapshots.list_versions(db, limit=1)
        assert (await snapshots.get(db, newest.id)).content == "version 202\n"
    assert told == [100, 200, 203]


async def test_without_a_key_or_with_the_wrong_one_nothing_is_touched(filled: Database) -> None:
    await keep(filled, TEXT)
    with pytest.raises(ConfigurationError, match="names no keys"):
        await reseal(filled, normalise)
    async with opened(filled, OLD) as db:
        await reseal(db, normalise)
    before = await dump(filled)
    async with opened(filled, NEW) as db:
        with pytest.raises(ConfigurationError, match="with its key"):
            await reseal(db, normalise)
    assert await dump(filled) == before
