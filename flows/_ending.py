"""Ends a run in order when its process is told to end.

Prefect's handler raises an exception in whatever the process happens to be doing.
Between two turns of the event loop that cancels every task there is at once, those
that clean up and the database's own among them; in a callback, or in a task that
nobody waits for, it is logged and gone, and the run goes on until it is killed.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prefect.utilities import engine

Handler = Callable[..., object]


@contextmanager
def in_order() -> Iterator[None]:
    """Cancel the current task, once, when this process is told to end.

    Prefect takes that for what the signal meant. Where its handler is not the one in
    place, as in a thread of a larger program, nothing is changed.
    """
    theirs = engine._prefect_sigterm_handler
    task = asyncio.current_task()
    if task is None or not _in_place(theirs):
        yield
        return
    loop = asyncio.get_running_loop()
    told: list[asyncio.Handle] = []

    def end(*_: object) -> None:
        if not told:
            told.append(loop.call_soon_threadsafe(task.cancel))

    _put(end)
    try:
        yield
    finally:
        _put(theirs)
        for handle in told:
            handle.cancel()


def _in_place(handler: Handler) -> bool:
    main = threading.current_thread() is threading.main_thread()
    return main and signal.getsignal(signal.SIGTERM) is handler


def _put(handler: Handler) -> None:
    # Prefect acknowledges a cancellation only while the handler that it knows is in place: with
    # any other, a run that is cancelled would count as crashed.
    with engine._prefect_sigterm_bridge_lock:
        engine._prefect_sigterm_handler = handler  # type: ignore[assignment]
        signal.signal(signal.SIGTERM, handler)
