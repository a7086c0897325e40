"""Kills a flow run's process that does not end by itself.

Prefect's timeout cancels coroutines. A thread in a blocked call, or a call
that never gives the interpreter back, goes on for ever; this does not.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

GRACE_SECONDS = 30.0
"""Given to an attempt after its timeout, and to the process after the run."""
_BACKSTOP_SECONDS = 5.0


def owns_process(run_id: UUID) -> bool:
    """Whether this process exists for the flow run alone."""
    return os.environ.get("PREFECT__FLOW_RUN_ID") == str(run_id)


@contextmanager
def killing_after(seconds: float) -> Iterator[None]:
    """Kill this process and its children unless the block ends in time."""
    ended = threading.Event()

    def watch() -> None:
        if not ended.wait(seconds):
            sys.stderr.write(f"still running after {seconds:.0f} seconds: killed\n")
            sys.stderr.flush()
            kill_tree()

    threading.Thread(target=watch, name="netstacks-watchdog", daemon=True).start()
    # A thread needs the interpreter's lock; this timer does not.
    faulthandler.dump_traceback_later(seconds + _BACKSTOP_SECONDS, exit=True, file=2)
    try:
        yield
    finally:
        ended.set()
        faulthandler.cancel_dump_traceback_later()


def exit_within(seconds: float) -> None:
    """The run is over and reported: end the process even if a thread is stuck."""

    def leave() -> None:
        for child in children():
            _kill(child)
        os._exit(0)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()


def kill_tree() -> None:
    """SIGKILL to every descendant, then to this process."""
    for child in children():
        _kill(child)
    os.kill(os.getpid(), signal.SIGKILL)


def children() -> list[int]:
    """The ids of all descendants, deepest last."""
    found: list[int] = []
    parents = [os.getpid()]
    while parents:
        for task in Path(f"/proc/{parents.pop()}/task").glob("*/children"):
            try:
                below = [int(pid) for pid in task.read_text(encoding="ascii").split()]
            except OSError:
                continue
            found += below
            parents += below
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
