"""Lets those that log in begin in groups, one group after the other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

_LEAST: Final = 16
_SHARE: Final = 4
_SECONDS: Final = 0.25
_COMPANY_SECONDS: Final = 0.02
"""What a group that is not full waits for more."""


class Entrance:
    """So many log in at once, of those that have a session, and half of them begin together.

    All at once would log in side by side, then wait for their devices side by
    side and be answered side by side: the processor idles first and is late
    then. One by one, each would wake the processor for every packet of its own,
    which costs a quarter more. Groups are spread over the time a device takes,
    and those of a group share what wakes them.

    A place is held until the login is done, and no longer than a moment:
    devices that are dead or slow hold nobody up.
    """

    def __init__(self, sessions: int) -> None:
        """`sessions`: how many there may be; as many may begin in a second, however slow."""
        self._free = max(_LEAST, sessions // _SHARE)
        self._group = self._free // 2
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._company: asyncio.TimerHandle | None = None

    async def enter(self) -> Callable[[], None]:
        """Wait for a place; what is returned leaves it, and may be called again and again."""
        loop = asyncio.get_running_loop()
        entered: asyncio.Future[None] = loop.create_future()
        self._waiting.append(entered)
        self._look()
        try:
            await entered
        except asyncio.CancelledError:
            if entered in self._waiting:
                self._waiting.remove(entered)
            else:
                self._leave()
            raise
        left = False

        def leave() -> None:
            nonlocal left
            if not left:
                left = True
                timer.cancel()
                self._leave()

        timer = loop.call_later(_SECONDS, leave)
        return leave

    def _leave(self) -> None:
        self._free += 1
        self._look()

    def _look(self) -> None:
        """Let a group in when there is one and it has room."""
        if not self._waiting or self._free < self._group:
            return
        if len(self._waiting) >= self._group:
            self._let_in()
        elif self._company is None:
            self._company = asyncio.get_running_loop().call_later(_COMPANY_SECONDS, self._let_in)

    def _let_in(self) -> None:
        if self._company is not None:
            self._company.cancel()
            self._company = None
        room = min(self._group, self._free)
        while self._waiting and room:
            self._free -= 1
            room -= 1
            entered = self._waiting.popleft()
            if not entered.done():
                entered.set_result(None)
