"""Work that is stopped when its run may not go on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable
from typing import TypeVar

from prefect.exceptions import TerminationSignal

from netstacks_tasks.errors import TaskBusy
from netstacks_tasks.store.exclusion import TaskLock

T = TypeVar("T")


async def while_allowed(lock: TaskLock | None, told: asyncio.Event, work: Awaitable[T]) -> T:
    """Await the work; it is cancelled, and awaited all the same, when it is to stop.

    Args:
        lock: the task's, as this process holds it.
        told: set when the process is told to end.
        work: what the run is for.

    Raises:
        TaskBusy: the lock is not held, or another run has taken it.
        TerminationSignal: the process was told to end.
    """
    working = asyncio.ensure_future(work)
    if lock is None:
        working.cancel()
        raise TaskBusy("the task's lock is not held: see the warning above; nothing was done")
    losing, ending = asyncio.ensure_future(lock.lost.wait()), asyncio.ensure_future(told.wait())
    try:
        await asyncio.wait({working, losing, ending}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        if ending.done():
            raise TerminationSignal(signal.SIGTERM)
        raise TaskBusy(f"{lock.lost_because}; stopped so that the two do not work at once")
    finally:
        losing.cancel()
        ending.cancel()
        if not working.done():
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
