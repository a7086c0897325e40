"""Waiting for an end, whoever is impatient."""

from __future__ import annotations

import asyncio

import anyio
import anyio.lowlevel
import pytest

from netstacks_tasks.ending import ended, stopped, to_its_end


async def test_what_is_done_to_its_end_is_done_however_often_its_waiter_is_told_to_stop() -> None:
    go_on = asyncio.Event()
    done = []

    async def work() -> str:
        await go_on.wait()
        done.append("work")
        return "its answer"

    waiting = asyncio.ensure_future(to_its_end(work()))
    for _ in range(5):
        await asyncio.sleep(0)
        waiting.cancel()
    assert not waiting.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert done == ["work"]
    assert await to_its_end(work()) == "its answer"


async def test_a_scope_of_anyio_does_not_spin_while_an_end_is_awaited() -> None:
    go_on = asyncio.Event()
    working = asyncio.ensure_future(go_on.wait())
    turns = 0

    async def count() -> None:
        nonlocal turns
        for turns in range(200):  # noqa: B007 - told when it is cancelled
            await asyncio.sleep(0)
        go_on.set()

    counting = asyncio.ensure_future(count())
    with anyio.move_on_after(0) as scope:
        await ended(working)
        await anyio.lowlevel.checkpoint()
    assert working.done()
    assert scope.cancelled_caught
    await counting
    assert turns == 199


async def test_what_is_stopped_is_cancelled_once_and_awaited() -> None:
    told = 0

    async def slow_to_end() -> None:
        nonlocal told
        while told < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                told += 1
                for _ in range(10):
                    await asyncio.sleep(0)
                raise

    async def failing() -> None:
        raise ValueError("of the work")

    tasks = [asyncio.ensure_future(slow_to_end()), asyncio.ensure_future(failing())]
    await asyncio.sleep(0)
    stopping = asyncio.ensure_future(stopped(*tasks))
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert told == 1
    assert all(task.done() for task in tasks)
