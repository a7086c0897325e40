"""Work on many devices at once, but never on more than the limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Generic, TypeVar

from netstacks_tasks.models.inventory import Device
from netstacks_tasks.operations.admission import Queue, Slot, Taken
from netstacks_tasks.operations.collecting import collecting_seldom

T = TypeVar("T")

_THREADS = "threads"
_MOST_LEFT = 200
"""What a slow disk or database may keep waiting in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many devices are worked on at once."""

    sessions: int = 200
    threaded: int = 16
    """Of those, how many through a driver that needs a thread."""
    per_site: int = 25
    """Of those, how many of one site: a thin line carries them all."""
    per_credential: int = 100
    """Of those, how many with one credential: an AAA server answers for them all."""
    changes: int = 50
    """How many devices a parallel deployment changes at once."""

    def __post_init__(self) -> None:
        if min(getattr(self, field.name) for field in fields(self)) < 1:
            raise ValueError("a limit must be at least 1")


def line_up(
    devices: Sequence[Device],
    limits: Limits,
    *,
    account: Callable[[Device], str],
    threaded: Callable[[Device], bool],
    probes: Mapping[str, int] | None = None,
) -> Queue[Device]:
    """The devices in line for the limits.

    Args:
        devices: in order. One without a site counts against no site's limit.
        limits: how many at once.
        account: the credential of a device.
        threaded: whether work on a device takes a thread.
        probes: places of a credential to begin with, where less than the limit.
    """
    places: dict[Slot, int] = {_THREADS: limits.threaded}
    for device in devices:
        if device.site is not None:
            places["site", device.site] = limits.per_site
        name = account(device)
        begin = (probes or {}).get(name, limits.per_credential)
        places[credential_slot(name)] = min(begin, limits.per_credential)

    def slots(device: Device) -> list[Slot]:
        own: list[Slot] = [("site", device.site), credential_slot(account(device))]
        return [*own, _THREADS] if threaded(device) else own

    return Queue(devices, slots, places, limits.sessions)


def credential_slot(account: str) -> Slot:
    """What the devices of a credential share."""
    return ("credential", account)


class Crew(Generic[T]):
    """Awaits `work(item)` for every item of a queue, as many at a time as it admits.

    What `work` returns is what is left to do without the item's places: others
    take them meanwhile. An exception cancels the rest: work that may fail on
    its own must turn its failures into results.
    """

    def __init__(
        self, queue: Queue[T], work: Callable[[T], Awaitable[Callable[[], Awaitable[None]] | None]]
    ) -> None:
        self._queue = queue
        self._work = work
        self._group = asyncio.TaskGroup()
        self._left = 0
        """Items that have given their places back and are not done."""

    async def run(self) -> None:
        """Until the last item is done."""
        with collecting_seldom():
            async with self._group:
                self._start()

    def widen(self, slot: Slot, places: int) -> None:
        """Give a slot more places, and whoever waited for one a start."""
        self._queue.widen(slot, places)
        self._start()

    def _start(self) -> None:
        while self._left < _MOST_LEFT and (taken := self._queue.take()) is not None:
            self._group.create_task(self._one(taken))

    async def _one(self, taken: Taken[T]) -> None:
        rest = await self._work(taken.item)
        # A group that is being cancelled takes no new task.
        await asyncio.sleep(0)
        self._queue.give_back(taken)
        if rest is not None:
            self._left += 1
            self._start()
            await rest()
            await asyncio.sleep(0)
            self._left -= 1
        self._start()


async def run_bounded(
    items: Iterable[T],
    work: Callable[[T], Awaitable[None]],
    *,
    limit: int,
) -> None:
    """Await `work(item)` for every item, at most `limit` at a time, in order.

    An exception of `work` cancels the rest: work that may fail on its own
    must turn its failures into results.
    """
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
