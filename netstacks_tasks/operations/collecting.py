"""The garbage collector's part of the work on many devices."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SELDOM: Final = (50_000, 50, 100)
"""Python's own is (700, 10, 10); fifty thousand objects are some ten megabytes."""
_usual: list[tuple[int, int, int]] = []
"""What holds again after the last of those that are within each other or side by side."""


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Have the collector look less often: a session makes objects by the thousand, and few cycles.

    With Python's own thresholds it takes a tenth of the CPU of a backup.
    """
    _usual.append(_usual[0] if _usual else gc.get_threshold())
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        usual = _usual.pop()
        if not _usual:
            gc.set_threshold(*usual)
