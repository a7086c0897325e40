"""How much time is left."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds until then; never negative."""
        return max(0.0, self.at - time.monotonic())

    def at_most(self, seconds: float) -> float:
        """The shorter of `seconds` and what is left."""
        return min(seconds, self.left)


def reserve(timeout: float) -> float:
    """Seconds of an attempt's timeout kept for recording what was found.

    Devices must be finished before the attempt is killed: then a slow one is
    a failed result beside the others instead of the end of them all.
    """
    return min(max(timeout * 0.1, 2.0), 20.0, timeout / 2)
