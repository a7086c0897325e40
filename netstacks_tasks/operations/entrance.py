"""Lets those that log in begin a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

_LEAST: Final = 16
_SHARE: Final = 4
_SECONDS: Final = 0.25


class Entrance:
    """So many log in at once, of those that have a session.

    All at once would log in side by side, then wait for their devices side by
    side and be answered side by side: the processor idles first and is late
    then. One after the other they are spread over the time a device takes.

    A place is held until the login is done, and no longer than a moment:
    devices that are dead or slow hold nobody up.
    """

    def __init__(self, sessions: int) -> None:
        """`sessions`: how many there may be; as many may begin in a second, however slow."""
        self._places = asyncio.Semaphore(max(_LEAST, sessions // _SHARE))

    async def enter(self) -> Callable[[], None]:
        """Wait for a place; what is returned leaves it, and may be called again and again."""
        await self._places.acquire()
        left = False

        def leave() -> None:
            nonlocal left
            if not left:
                left = True
                timer.cancel()
                self._places.release()

        timer = asyncio.get_running_loop().call_later(_SECONDS, leave)
        return leave
