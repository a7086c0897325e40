"""Hears the signal to end, wherever the exception for it is lost.

Prefect's handler raises an exception in whatever the process happens to be doing.
Between two turns of the event loop that ends the run. In a callback, or in a task
that nobody waits for, it is logged and gone, and the run would go on until it is
killed: in the middle of a change, say. Another handler cannot be put in its place,
for Prefect's worker then takes a cancellation for a crash.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 4096
"""Bytes; there is one for each signal."""


@contextmanager
def hearing() -> Iterator[asyncio.Event]:
    """An event that is set when this process is told to end, while the block goes on.

    Where the flow is not in the process's main thread it stays unset: no signal
    is handled there.
    """
    told = asyncio.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told
        return
    loop = asyncio.get_running_loop()
    reading, written = socket.socketpair()

    def read() -> None:
        if signal.SIGTERM in reading.recv(_MANY):
            told.set()

    with reading, written:
        reading.setblocking(False)
        written.setblocking(False)
        # Filled by the interpreter before any handler written in Python is called.
        before = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
        loop.add_reader(reading, read)
        try:
            yield told
        finally:
            loop.remove_reader(reading)
            signal.set_wakeup_fd(before)
