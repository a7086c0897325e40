"""Ctrl-C and SIGTERM: once to stop in order, twice to stop now."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(Exception):
    """A signal asked the program to stop, and it has."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number
        super().__init__(f"stopped by {number.name}")

    @property
    def exit_code(self) -> int:
        return 128 + self.number


async def interruptible(
    work: Coroutine[Any, Any, T], *, again: Callable[[], None], say: Callable[[str], None]
) -> T:
    """Run the work; the first signal cancels it, each further one calls `again`.

    Raises:
        Interrupted: after the work has cleaned up.
    """
    received: list[signal.Signals] = []
    task = asyncio.ensure_future(work)

    def handle(number: signal.Signals) -> None:
        received.append(number)
        if len(received) == 1:
            say("Stopping; press Ctrl-C again to stop at once.")
            task.cancel()
        else:
            again()

    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, handle, number)
    try:
        return await task
    except asyncio.CancelledError:
        if received:
            raise Interrupted(received[0]) from None
        raise
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
