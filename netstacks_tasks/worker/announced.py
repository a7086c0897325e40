"""Runs that were announced and not found yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds before each further look."""


class Announced:
    """The server speaks of a run before its transaction ends: the first look may be too early.

    One that stays unfound is left to the regular look: it may wait for a slot
    of the pool, or be gone again.
    """

    def __init__(self) -> None:
        self._looked: dict[UUID, int] = {}
        """How often each was looked for in vain."""

    def add(self, run_id: UUID) -> None:
        self._looked.setdefault(run_id, 0)

    def found(self, run_ids: Iterable[UUID]) -> None:
        """Take note of a look and what it found."""
        for run_id in run_ids:
            self._looked.pop(run_id, None)
        left = {run_id: looked + 1 for run_id, looked in self._looked.items()}
        self._looked = {run_id: n for run_id, n in left.items() if n < len(_PAUSES)}

    @property
    def pause(self) -> float | None:
        """Seconds until the next look for the newest of them; None: all were found, or given up."""
        if not self._looked:
            return None
        return _PAUSES[min(self._looked.values())]
