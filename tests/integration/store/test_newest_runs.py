"""The newest run of each task, which the list shows, is the newest one whatever happens to runs."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
from psycopg.rows import dict_row

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store import migrate, runs, task_list, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.task_list import TaskSearch
from tests.integration.store import samples
from tests.integration.store.samples import run_id, task

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
KNOWN = "SELECT * FROM newest_runs ORDER BY task_id"
RIGHT = """
    SELECT DISTINCT ON (task_id) task_id, id AS run_id, state, scheduled_for, started_at
    FROM task_runs WHERE task_id IS NOT NULL ORDER BY task_id, scheduled_for DESC, id DESC
"""
Row = Mapping[str, Any]


async def rows(db: Database, statement: str) -> list[Row]:
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode())
        return list(await cursor.fetchall())


async def is_right(db: Database) -> list[Row]:
    """What is known, once it is made sure that it is so."""
    known = await rows(db, KNOWN)
    assert known == await rows(db, RIGHT)
    return known


async def execute(db: Database, statement: str, *values: object) -> None:
    async with db.transaction() as connection:
        await connection.execute(statement.encode(), values)


async def two_tasks(db: Database) -> tuple[TaskId, TaskId]:
    await samples.fill(db)
    first = await tasks.create(db, task("First"))
    return first.id, (await tasks.create(db, task("Second"))).id


async def test_any_order_of_events(database: Database) -> None:
    chosen = await two_tasks(database)
    draw = random.Random(7)  # noqa: S311 - the same each time
    there: list[RunId] = []

    async def arrives() -> None:
        key = run_id(str(draw.random()))
        # Ties in time are frequent.
        at = NOON + timedelta(hours=draw.randrange(6))
        await runs.upsert_run(
            database, key, draw.choice(chosen), trigger="manual", scheduled_for=at
        )
        there.append(key)

    async def is_missed() -> None:
        at = NOON + timedelta(hours=draw.randrange(6))
        await runs.record_missed(database, draw.choice(chosen), at, "down")

    async def begins() -> None:
        await runs.begin_attempt(database, draw.choice(there), draw.randrange(1, 4))

    async def ends() -> None:
        with suppress(NotFound):  # it was missed
            await runs.finish_run(database, draw.choice(there), draw.choice(runs.FINAL_STATES))

    async def came_too_late() -> None:
        await runs.mark_missed(database, draw.choice(there), "late")

    async def is_removed() -> None:
        gone = there.pop(draw.randrange(len(there)))
        await execute(database, "DELETE FROM task_runs WHERE id = %s", gone)

    events: list[Callable[[], Awaitable[None]]] = [
        arrives, arrives, is_missed, begins, ends, came_too_late, is_removed
    ]  # fmt: skip
    for _ in range(120):
        await (draw.choice(events) if there else arrives)()
        await is_right(database)
    half = "DELETE FROM task_runs WHERE scheduled_for < %s"
    await execute(database, half, NOON + timedelta(hours=3))
    assert len(await is_right(database)) == 2
    await tasks.delete(database, chosen[0])
    assert [row["task_id"] for row in await is_right(database)] == [chosen[1]]
    await execute(database, "DELETE FROM task_runs")
    assert await is_right(database) == []


INSERT = (
    "INSERT INTO task_runs (id, task_id, task_name, task_type, trigger, state, scheduled_for) "
    "VALUES (%s, %s, 'x', 'backup', 'manual', 'pending', %s)"
)
DELETE = "DELETE FROM task_runs WHERE id = %s"
END = "UPDATE task_runs SET state = 'completed' WHERE id = %s"
EARLY, MIDDLE, LATE = range(3)
"""Runs, by the hour at which they are due."""

CASES = [
    # Runs there are, what the first does, what the second does meanwhile, what is right then.
    ((), (INSERT, LATE), (INSERT, EARLY), (LATE, "pending")),
    ((), (INSERT, EARLY), (INSERT, LATE), (LATE, "pending")),
    ((EARLY, LATE), (DELETE, LATE), (INSERT, MIDDLE), (MIDDLE, "pending")),
    ((EARLY, LATE), (INSERT, MIDDLE), (DELETE, LATE), (MIDDLE, "pending")),
    ((EARLY, LATE), (DELETE, LATE), (END, EARLY), (EARLY, "completed")),
    ((EARLY, LATE), (END, EARLY), (DELETE, LATE), (EARLY, "completed")),
    ((EARLY, MIDDLE, LATE), (DELETE, MIDDLE), (DELETE, LATE), (EARLY, "pending")),
    ((EARLY, MIDDLE, LATE), (DELETE, LATE), (DELETE, MIDDLE), (EARLY, "pending")),
    ((LATE,), (DELETE, LATE), (INSERT, EARLY), (EARLY, "pending")),
]


async def test_two_writers_at_once(database: Database) -> None:
    await samples.fill(database)
    right = {}
    for number, (before, first, second, newest) in enumerate(CASES):
        task_id = (await tasks.create(database, task(f"Task {number}"))).id

        def statement(
            event: tuple[str, int], number: int = number, task_id: TaskId = task_id
        ) -> tuple[bytes, tuple[object, ...]]:
            key = run_id(f"{number} {event[1]}")
            more = (task_id, NOON + timedelta(hours=event[1])) if event[0] == INSERT else ()
            return event[0].encode(), (key, *more)

        async with (
            await psycopg.AsyncConnection.connect(database.url) as one,
            await psycopg.AsyncConnection.connect(database.url, autocommit=True) as other,
        ):
            for key in before:
                await other.execute(*statement((INSERT, key)))
            await one.execute(*statement(first))
            # It may have to wait for the first one, or not.
            following = asyncio.create_task(other.execute(*statement(second)))
            await asyncio.wait({following}, timeout=0.1)
            await one.commit()
            await following
        right[task_id] = (run_id(f"{number} {newest[0]}"), newest[1])
    assert {
        row["task_id"]: (row["run_id"], row["state"]) for row in await is_right(database)
    } == right


async def test_an_edit_in_the_making_keeps_no_run_waiting(database: Database) -> None:
    task_id, _ = await two_tasks(database)
    async with database.transaction() as editing:
        await tasks.read(editing, task_id, lock=True)
        await runs.upsert_run(
            database, run_id("one"), task_id, trigger="manual", scheduled_for=NOON
        )
        await runs.begin_attempt(database, run_id("one"), 1)
    (listed, never), _ = await task_list.listed(database, TaskSearch())
    assert (listed.run_id, listed.run_state, never.run_id) == (run_id("one"), "running", None)


async def test_a_history_from_before_is_known_too(postgres_url: str) -> None:
    name: LiteralString = f"before_{uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as admin:
        await admin.execute(f"CREATE DATABASE {name}")
    url = postgres_url.rpartition("/")[0] + f"/{name}"
    earlier = tuple(one for one in migrate.known() if one.version < 6)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as old:
        await migrate.migrate(old, earlier)
        await old.execute(
            "INSERT INTO tasks (id, name, task_type, cron_expression, timezone, enabled,"
            " max_retries, retry_delay_seconds, timeout_seconds, missed_runs, parameters)"
            " SELECT md5('task ' || n)::uuid, n, 'backup', '@daily', 'UTC', true, 1, 1, 1, 'skip',"
            """ '{"type": "backup"}' FROM generate_series(1, 3) AS n"""
        )
        await old.execute(
            "INSERT INTO task_runs (id, task_id, task_name, task_type, trigger, state,"
            " scheduled_for) SELECT gen_random_uuid(), md5('task ' || n %% 2 + 1)::uuid, 'x',"
            " 'backup', 'manual', 'failed', %s::timestamptz + n %% 5 * interval '1 hour'"
            " FROM generate_series(1, 20) AS n",
            [NOON],
        )
    async with Database.open(url) as db:
        assert len(await is_right(db)) == 2
