"""Waits for the end of what must not be left half done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import anyio

T = TypeVar("T")


async def ended(task: asyncio.Future[Any]) -> None:
    """Wait until a task is over, however it ends.

    Raises:
        CancelledError: the waiter was told to stop, once or often; not before
            the task is over.
    """
    told: asyncio.CancelledError | None = None
    # A scope of anyio would say it again at every turn of the event loop.
    with anyio.CancelScope(shield=True):
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as error:
                told = error
    if told is not None:
        raise told


async def to_its_end(work: Awaitable[T]) -> T:
    """What work makes; it is not cut off when its waiter is told to stop.

    Raises:
        CancelledError: the waiter was told to stop; the work is over.
    """
    task = asyncio.ensure_future(work)
    await ended(task)
    return task.result()


async def stopped(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks, each once, and wait until they are over; their errors are not raised.

    Raises:
        CancelledError: as of `ended`.
    """
    for task in tasks:
        task.cancel()
    await ended(asyncio.gather(*tasks, return_exceptions=True))
