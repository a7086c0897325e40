"""How fast packets may follow each other."""

from __future__ import annotations

import asyncio
from collections import deque


class Pace:
    """Lets a few through at once, then a few more.

    However busy the event loop is, it reads what came in between.
    """

    def __init__(self, per_second: float, *, at_once: int) -> None:
        self._pause = at_once / per_second
        self._at_once = self._left = at_once
        self._line: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self) -> None:
        """Wait until it is one's turn."""
        loop = asyncio.get_running_loop()
        if self._timer is None:
            self._timer = loop.call_later(self._pause, self._refill)
        if self._left > 0:
            self._left -= 1
            return
        called: asyncio.Future[None] = loop.create_future()
        self._line.append(called)
        await called

    def close(self) -> None:
        """Nobody else is called."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refill(self) -> None:
        self._timer = None
        self._left = self._at_once
        while self._line and self._left:
            called = self._line.popleft()
            if not called.done():
                called.set_result(None)
                self._left -= 1
        if self._left < self._at_once:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._refill)
