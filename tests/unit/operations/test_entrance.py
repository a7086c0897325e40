"""Logins begin a few at a time."""

from __future__ import annotations

import asyncio

from netstacks_tasks.operations.entrance import Entrance


async def test_whoever_has_logged_in_lets_the_next_one_begin() -> None:
    entrance = Entrance(80)
    leave = [await entrance.enter() for _ in range(20)]
    waiting = [asyncio.ensure_future(entrance.enter()) for _ in range(3)]
    await asyncio.sleep(0.01)
    assert not any(one.done() for one in waiting)
    leave[0]()
    leave[0]()  # as a reader that tells it and then ends
    await asyncio.sleep(0.01)
    assert [one.done() for one in waiting] == [True, False, False]
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)


async def test_one_that_does_not_answer_holds_nobody_up() -> None:
    entrance = Entrance(80)
    for _ in range(20):
        await entrance.enter()  # and never leaves
    await asyncio.wait_for(asyncio.gather(*(entrance.enter() for _ in range(20))), 5)


async def test_who_gives_up_waiting_takes_no_place() -> None:
    entrance = Entrance(80)
    leave = [await entrance.enter() for _ in range(20)]
    waiting = asyncio.ensure_future(entrance.enter())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    for one in leave:
        one()
    for _ in range(20):
        await asyncio.wait_for(entrance.enter(), 0.2)
