from __future__ import annotations

import asyncio
import resource

import pytest

from netstacks_tasks.devices import tcp
from netstacks_tasks.devices.pace import Pace


async def test_everybody_gets_a_turn_in_order_a_few_at_once() -> None:
    pace = Pace(100_000, at_once=4)
    went: list[int] = []
    at_once: list[int] = []

    async def go(number: int) -> None:
        await pace.turn()
        went.append(number)

    tasks = [asyncio.create_task(go(number)) for number in range(20)]
    while len(went) < len(tasks):
        before = len(went)
        await asyncio.sleep(0)
        at_once.append(len(went) - before)
    assert went == list(range(20))
    assert max(at_once) == 4
    pace.close()


async def test_whoever_gave_up_takes_nobody_s_turn() -> None:
    pace = Pace(1000, at_once=1)
    await pace.turn()
    gone, stays = (asyncio.create_task(pace.turn()) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    assert gone.cancelled()
    pace.close()


@pytest.mark.parametrize(
    ("limits", "allowed", "raised"),
    [
        ((1024, 524_288), 4096, (4352, 524_288)),
        ((1024, 2048), 1792, (2048, 2048)),
        ((65_536, 65_536), 4096, None),
    ],
)
def test_as_many_connections_as_the_system_allows(
    monkeypatch: pytest.MonkeyPatch,
    limits: tuple[int, int],
    allowed: int,
    raised: tuple[int, int] | None,
) -> None:
    set_to: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, pair: set_to.append(pair))
    assert tcp.allowed_connections(4096) == allowed
    assert set_to == ([] if raised is None else [raised])
