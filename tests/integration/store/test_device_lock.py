"""Two runs never configure one device at once, and a dead one holds up nobody."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from uuid import uuid4

import psycopg
import pytest

from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.store.device_lock import device_key, while_locked
from netstacks_tasks.testing import device

R1, R2 = device("r1"), device("r2")


def run() -> RunId:
    return RunId(uuid4())


async def nothing() -> str:
    return "done"


async def test_runs_take_turns_on_a_device_and_not_on_two(database_url: str) -> None:
    first_in, let_go = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def first() -> None:
        order.append("first")
        first_in.set()
        await let_go.wait()

    async def second() -> None:
        order.append("second")

    holding = asyncio.ensure_future(while_locked(database_url, R1, run(), first, patience=10))
    await first_in.wait()
    waiting = asyncio.ensure_future(while_locked(database_url, R1, run(), second, patience=30))
    # Another device is free meanwhile.
    assert await while_locked(database_url, R2, run(), nothing, patience=10) == "done"
    assert order == ["first"]
    let_go.set()
    await asyncio.gather(holding, waiting)
    assert order == ["first", "second"]


async def test_who_waits_in_vain_is_told_for_whom(database_url: str) -> None:
    holder = run()
    inside, let_go = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        inside.set()
        await let_go.wait()

    holding = asyncio.ensure_future(while_locked(database_url, R1, holder, work, patience=10))
    await inside.wait()
    with pytest.raises(DeviceError, match=f"run {holder} configures the device") as caught:
        await while_locked(database_url, R1, run(), nothing, patience=0.1)
    assert (caught.value.stage, caught.value.cause) == ("lock", "busy")
    let_go.set()
    await holding


async def test_cancelled_twice_its_work_still_ends_in_order(database_url: str) -> None:
    inside = asyncio.Event()
    steps = []

    async def work() -> None:
        try:
            inside.set()
            await asyncio.sleep(600)
        finally:
            await asyncio.sleep(0.2)
            steps.append("tidied")

    holding = asyncio.ensure_future(while_locked(database_url, R1, run(), work, patience=10))
    await inside.wait()
    for _ in range(2):
        holding.cancel()
        await asyncio.sleep(0.05)
    assert not steps
    with pytest.raises(asyncio.CancelledError):
        await holding
    assert steps == ["tidied"]
    assert await while_locked(database_url, R1, run(), nothing, patience=10) == "done"


HOLDER = """
import asyncio, sys
from uuid import uuid4
from netstacks_tasks.store.device_lock import while_locked
from netstacks_tasks.testing import device

async def work():
    print("held", flush=True)
    await asyncio.sleep(600)

asyncio.run(while_locked(sys.argv[1], device("r1"), uuid4(), work, patience=30))
"""


async def test_a_killed_holder_lets_the_next_one_in(database_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, database_url), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert await while_locked(database_url, R1, run(), nothing, patience=30) == "done"


async def _holders(admin: psycopg.AsyncConnection[tuple[int]]) -> set[int]:
    cursor = await admin.execute(
        "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
    )
    return {row[0] for row in await cursor.fetchall()}


async def test_a_broken_session_takes_its_lock_again(database_url: str) -> None:
    inside, let_go = asyncio.Event(), asyncio.Event()

    async def work() -> str:
        inside.set()
        await let_go.wait()
        return "done"

    holding = asyncio.ensure_future(while_locked(database_url, R1, run(), work, patience=10))
    await inside.wait()
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        before = await _holders(admin)
        await admin.execute("SELECT pg_terminate_backend(%s)", (min(before),))
        for _ in range(300):
            if await _holders(admin) - before:
                break
            await asyncio.sleep(0.1)
        assert await _holders(admin) - before
    let_go.set()
    assert await holding == "done"


async def test_the_work_stops_when_another_session_was_faster(database_url: str) -> None:
    inside, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        inside.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    holding = asyncio.ensure_future(while_locked(database_url, R1, run(), work, patience=10))
    await inside.wait()
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        for pid in await _holders(admin):
            await admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
        # In the queue before the holder has noticed.
        await admin.execute("SELECT pg_advisory_lock(%s)", (device_key(R1),))
        with pytest.raises(DeviceError, match="another run began to configure the device"):
            await holding
    assert cancelled.is_set()
