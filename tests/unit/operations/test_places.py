from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import cast

import pytest

from netstacks_tasks.models.inventory import Device
from netstacks_tasks.operations import places
from netstacks_tasks.operations.parallel import Limits
from netstacks_tasks.operations.places import Place, Places, placed
from netstacks_tasks.testing import device


def at(name: str, site: str | None = None) -> Device:
    return device(name).model_copy(update={"site": site})


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Room:
    """Devices that hold a place until they are told to leave."""

    def __init__(self, limits: Limits, account: Callable[[Device], str] = lambda _: "") -> None:
        self._places = Places(limits, account)
        self._leaving: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.inside: dict[str, Place] = {}

    async def come(self, *devices: Device) -> list[str]:
        for one in devices:
            self._leaving[one.name] = asyncio.Event()
            self._tasks[one.name] = asyncio.create_task(self._stay(one))
        await _settled()
        return list(self.inside)

    async def leave(self, name: str) -> list[str]:
        self._leaving[name].set()
        await _settled()
        return list(self.inside)

    async def cancel(self, name: str) -> None:
        self._tasks[name].cancel()
        await _settled()

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _stay(self, one: Device) -> None:
        async with placed(self._places.lines(one)) as place:
            self.inside[one.name] = place
            try:
                await self._leaving[one.name].wait()
            finally:
                del self.inside[one.name]


@pytest.fixture
async def rooms() -> AsyncIterator[Callable[..., Room]]:
    async with AsyncExitStack() as stack:

        def make(**limits: object) -> Room:
            account = cast("Callable[[Device], str]", limits.pop("account", lambda _: ""))
            room = Room(Limits(**limits), account)  # type: ignore[arg-type] # whole numbers
            stack.push_async_callback(room.close)
            return room

        yield make


async def test_all_together_have_so_many_places(rooms: Callable[..., Room]) -> None:
    room = rooms(sessions=2)
    assert await room.come(at("a"), at("b"), at("c"), at("d")) == ["a", "b"]
    assert await room.leave("a") == ["b", "c"]


async def test_a_full_site_does_not_hold_up_others(rooms: Callable[..., Room]) -> None:
    room = rooms(per_site=1)
    inside = await room.come(at("a", "north"), at("b", "north"), at("c", "south"), at("d"))
    assert inside == ["a", "c", "d"]
    assert await room.leave("a") == ["c", "d", "b"]


async def test_a_credential_has_its_own_limit(rooms: Callable[..., Room]) -> None:
    room = rooms(per_credential=1, account=lambda one: one.name[0])
    assert await room.come(at("a1"), at("a2"), at("b1")) == ["a1", "b1"]


async def test_whoever_is_cancelled_in_line_takes_no_place(rooms: Callable[..., Room]) -> None:
    room = rooms(sessions=1)
    await room.come(at("a"), at("b"), at("c"))
    await room.cancel("b")
    assert await room.leave("a") == ["c"]


async def test_a_lent_place_is_had_back_before_all_others(
    rooms: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_PATIENCE", 0.0)
    monkeypatch.setattr(places, "_LOOKS", 1)
    room = rooms(sessions=1)
    await room.come(at("silent"))
    monkeypatch.setattr(places, "_PATIENCE", 1000.0)
    assert await room.come(at("b"), at("c")) == ["silent", "b"]
    back = asyncio.create_task(room.inside["silent"].answered())
    await _settled()
    assert not back.done()
    assert await room.leave("b") == ["silent"]
    await back
    assert await room.leave("silent") == ["c"]
