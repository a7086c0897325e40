"""Who may be worked on now, when several limits hold at once.

A place is taken before a device is asked anything. One that does not answer
lends its place to others, so that dead devices hold up nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from netstacks_tasks.models.inventory import Device
from netstacks_tasks.operations.parallel import Limits

_PATIENCE: Final = 0.5
"""Seconds after which a device that has not answered lends its place."""
_LOOKS: Final = 40
"""How often the network is looked at in them: a process that is too busy to look, and would
only get busier, is no sign that the device is silent."""


class Places:
    """Where a device that is logged in to needs a place: of its site, its credential, of all."""

    def __init__(self, limits: Limits, account: Callable[[Device], str]) -> None:
        self._limits = limits
        self._account = account
        self._all = Line(limits.sessions)
        self._sites: dict[str, Line] = {}
        self._credentials: dict[str, Line] = {}

    def lines(self, device: Device) -> Sequence[Line]:
        """The narrowest first: everybody waits in the same order, so nobody waits for ever."""
        name = self._account(device)
        credential = self._credentials.setdefault(name, Line(self._limits.per_credential))
        if device.site is None:
            return credential, self._all
        site = self._sites.setdefault(device.site, Line(self._limits.per_site))
        return site, credential, self._all


@asynccontextmanager
async def placed(lines: Sequence[Line]) -> AsyncIterator[Place]:
    """A place in each of the lines in the block."""
    place = Place(lines)
    await place.take()
    try:
        yield place
    finally:
        place.give_back()


class Place:
    """One device's place in each of its lines."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._held: list[Line] = []
        self._lending: asyncio.TimerHandle | None = None

    async def take(self, *, again: bool = False) -> None:
        """Wait for the place; lent it will be unless the device answers soon."""
        try:
            for line in self._lines:
                await line.take(again=again)
                self._held.append(line)
        except BaseException:
            self.give_back()
            raise
        if not again:
            self._lend_after(_LOOKS)

    async def answered(self) -> None:
        """The device has answered: have the place, before those who never had one."""
        if self._lending is not None:
            self._lending.cancel()
        if not self._held:
            await self.take(again=True)

    def _lend_after(self, looks: int) -> None:
        if looks == 0:
            self.give_back()
            return
        loop = asyncio.get_running_loop()
        self._lending = loop.call_later(_PATIENCE / _LOOKS, self._lend_after, looks - 1)

    def give_back(self) -> None:
        """Let others have it."""
        if self._lending is not None:
            self._lending.cancel()
        while self._held:
            self._held.pop().give_back()


class Line:
    """So many places, and who waits for one."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._returning: deque[asyncio.Future[None]] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self, *, again: bool) -> None:
        if self._free > 0:
            self._free -= 1
            return
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._returning if again else self._waiting).append(called)
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                # It was called and could not come.
                self.give_back()
            raise

    def give_back(self) -> None:
        for line in (self._returning, self._waiting):
            while line:
                called = line.popleft()
                if not called.done():
                    called.set_result(None)
                    return
        self._free += 1
