"""Keeps what a process holds in memory, secrets among it, to the process itself.

Where a program crashes the kernel may write its memory to a file, and a process
of the same user may read it, environment included, through `/proc` or a
debugger. Both are refused here; root can still do the latter.
"""

from __future__ import annotations

import ctypes
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def keep() -> None:
    """From now on; forked children keep to it, a program that is executed has to say so itself."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit is none where the kernel hands its dumps to a program, as systemd's.
    _set_dumpable(0)


@contextmanager
def lifted() -> Iterator[None]:
    """Not within this block: a process that keeps to it may not set its own files in `/proc`."""
    _set_dumpable(1)
    try:
        yield
    finally:
        _set_dumpable(0)


def _set_dumpable(value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, value, 0, 0, 0)
