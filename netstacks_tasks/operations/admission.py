"""Which item is next when several limits hold at once: pure bookkeeping, no clock and no tasks.

An item takes one place of each of its slots: its site's, its credential's. The
next item is always the first in order whose slots all have a place left, so a
full site never holds up what stands behind it in line.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Final, Generic, TypeVar

T = TypeVar("T")
Slot = Hashable


class Queue(Generic[T]):
    """Items in line, and who may go.

    Items with the same slots wait together, so that a choice costs by the
    number of such lines and not by the number of items.
    """

    def __init__(
        self,
        items: Iterable[T],
        slots: Callable[[T], Iterable[Slot]],
        limits: Mapping[Slot, int],
        most: int,
    ) -> None:
        """Line up.

        Args:
            items: in the order they should go.
            slots: what an item takes a place of.
            limits: places of a slot; one that is not here has no limit.
            most: how many items may be out at once, whatever their slots.
        """
        self._free = dict(limits)
        self._left = most
        lines: dict[tuple[Slot, ...], _Line[T]] = {}
        for number, item in enumerate(items):
            key = tuple(dict.fromkeys(slot for slot in slots(item) if slot in limits))
            lines.setdefault(key, _Line(key)).waiting.append((number, item))
        self._ready: Final = list(lines.values())
        heapq.heapify(self._ready)
        self._parked: Final[dict[Slot, list[_Line[T]]]] = {slot: [] for slot in limits}

    def take(self) -> Taken[T] | None:
        """The next item; None when nothing may go now."""
        while self._left > 0 and self._ready:
            line = heapq.heappop(self._ready)
            full = next((slot for slot in line.slots if self._free[slot] <= 0), None)
            if full is not None:
                heapq.heappush(self._parked[full], line)
                # It was called for a place that it cannot use: call another.
                self._call(slot for slot in line.slots if self._free[slot] > 0)
                continue
            self._left -= 1
            for slot in line.slots:
                self._free[slot] -= 1
            _, item = line.waiting.popleft()
            if line.waiting:
                heapq.heappush(self._ready, line)
            else:
                self._call(slot for slot in line.slots if self._free[slot] > 0)
            return Taken(item, line.slots)
        return None

    def give_back(self, taken: Taken[T]) -> None:
        """An item is done: its places are free."""
        self._left += 1
        for slot in taken.slots:
            self._free[slot] += 1
        self._call(slot for slot in taken.slots if self._free[slot] > 0)

    def widen(self, slot: Slot, places: int) -> None:
        """Give a slot more places."""
        self._free[slot] += places
        for _ in range(places):
            self._call([slot])

    def _call(self, slots: Iterable[Slot]) -> None:
        for slot in slots:
            if self._parked[slot]:
                heapq.heappush(self._ready, heapq.heappop(self._parked[slot]))


class Taken(Generic[T]):
    """An item that is out, with the places it holds."""

    __slots__ = ("item", "slots")

    def __init__(self, item: T, slots: tuple[Slot, ...]) -> None:
        self.item = item
        self.slots = slots


class _Line(Generic[T]):
    """Items that differ in nothing but their place in the order."""

    __slots__ = ("slots", "waiting")

    def __init__(self, slots: tuple[Slot, ...]) -> None:
        self.slots = slots
        self.waiting: deque[tuple[int, T]] = deque()

    def __lt__(self, other: _Line[T]) -> bool:
        return self.waiting[0][0] < other.waiting[0][0]
