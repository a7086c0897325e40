"""Ends a worker: no new runs, those under way end in their own time, within limits."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Draining:
    """Follows the signals: the first asks for an end, the second for one at once."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        """Nothing new is started."""
        self.hurried = asyncio.Event()
        """What runs is to end now."""

    def ask(self) -> None:
        """What a signal does."""
        (self.hurried if self.begun.is_set() else self.begun).set()

    @contextmanager
    def following_signals(self) -> Iterator[None]:
        """Inside it the signals mean this, and not what they meant before."""
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.ask)
        try:
            yield
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)
                signal.signal(number, before[number])

    async def until_over(
        self, idle: Callable[[], bool], changed: asyncio.Event, seconds: float
    ) -> bool:
        """Wait, once begun, for the runs to end; False when they did not within the time.

        Args:
            idle: whether no run is under way.
            changed: set whenever one ends.
            seconds: how long they may take, unless they are hurried.
        """
        try:
            async with asyncio.timeout(seconds):
                while not idle():
                    changed.clear()
                    await _first(changed, self.hurried)
                    if self.hurried.is_set():
                        return idle()
        except TimeoutError:
            return idle()
        return True


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
