"""Logins begin in groups."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from netstacks_tasks.operations.entrance import Entrance

Leave = Callable[[], None]


def asked(entrance: Entrance, number: int) -> list[asyncio.Task[Leave]]:
    return [asyncio.ensure_future(entrance.enter()) for _ in range(number)]


async def entered(waiting: list[asyncio.Task[Leave]]) -> int:
    """How many are in."""
    await asyncio.sleep(0.05)
    return sum(one.done() for one in waiting)


@pytest.fixture
def _nobody_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netstacks_tasks.operations.entrance._SECONDS", 600)


@pytest.mark.usefixtures("_nobody_is_given_up")
async def test_a_group_begins_when_another_has_logged_in() -> None:
    entrance = Entrance(80)
    waiting = asked(entrance, 25)
    assert await entered(waiting) == 20
    for one in waiting[:9]:
        one.result()()
        one.result()()  # as a reader that tells it and then ends
    assert await entered(waiting) == 20
    waiting[9].result()()
    assert await entered(waiting) == 25


async def test_one_that_does_not_answer_holds_nobody_up() -> None:
    entrance = Entrance(80)
    for _ in range(20):
        await entrance.enter()  # and never leaves
    await asyncio.wait_for(asyncio.gather(*(entrance.enter() for _ in range(20))), 5)


@pytest.mark.usefixtures("_nobody_is_given_up")
async def test_who_gives_up_waiting_takes_no_place() -> None:
    entrance = Entrance(80)
    inside = asked(entrance, 20)
    assert await entered(inside) == 20
    waiting = asked(entrance, 20)
    await asyncio.sleep(0)
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    # Let in at the moment it gives up: the place is another's.
    late = asked(entrance, 1)
    await asyncio.sleep(0)
    for one in inside:
        one.result()()
    others = asked(entrance, 9)
    await asyncio.sleep(0)
    late[0].cancel()
    others += asked(entrance, 11)
    assert await entered(others) == 19  # for a group of its own the last has no room yet
    for one in others[:19]:
        one.result()()
    await asyncio.wait_for(asyncio.gather(*others), 5)
