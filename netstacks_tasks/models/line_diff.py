"""Which lines of two texts are the same, found around the lines that are unique.

A configuration repeats most of its lines (`!`, ` no shutdown`). difflib leaves
such lines out of its search when there are many, and tells thousands of changes
where there are two; without that it takes minutes for 20,000 lines.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_MOST_COMPARISONS: Final = 250_000
"""A stretch without unique lines that would need more counts as changed whole."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines `before[before_start:before_end]` and `after[after_start:after_end]`.

    They are the same, or the ones took the place of the others.
    """

    same: bool
    before_start: int
    before_end: int
    after_start: int
    after_end: int


def stretches(before: Sequence[str], after: Sequence[str]) -> list[Stretch]:
    """The two texts as stretches of same and of changed lines, in order, none empty."""
    found: list[Stretch] = []
    at_before = at_after = 0
    for start_before, start_after, size in _same_blocks(before, after):
        if start_before > at_before or start_after > at_after:
            found.append(Stretch(False, at_before, start_before, at_after, start_after))
        at_before, at_after = start_before + size, start_after + size
        if size:
            found.append(Stretch(True, start_before, at_before, start_after, at_after))
    return found


def hunks(found: Sequence[Stretch], context: int) -> list[list[Stretch]]:
    """The changes, those near each other together, each with some same lines around it."""
    groups: list[list[Stretch]] = [[]]
    for number, one in enumerate(found):
        size = one.before_end - one.before_start
        head = context if number else 0
        tail = context if number < len(found) - 1 else 0
        if not one.same or size <= head + tail:
            groups[-1].append(one)
            continue
        if head:
            groups[-1].append(_cut(one, 0, head))
        groups.append([_cut(one, size - tail, size)] if tail else [])
    return [group for group in groups if any(not one.same for one in group)]


def _cut(same: Stretch, start: int, end: int) -> Stretch:
    before, after = same.before_start, same.after_start
    return Stretch(True, before + start, before + end, after + start, after + end)


def _same_blocks(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, int]]:
    """Blocks of same lines, neighbours joined; an empty one at the end."""
    pairs = sorted(_pairs(before, after))
    blocks: list[tuple[int, int, int]] = []
    for one, other in pairs:
        if blocks:
            start, start_after, size = blocks[-1]
            if (one, other) == (start + size, start_after + size):
                blocks[-1] = (start, start_after, size + 1)
                continue
        blocks.append((one, other, 1))
    return [*blocks, (len(before), len(after), 0)]


def _pairs(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    todo = [(0, len(before), 0, len(after))]
    while todo:
        low, high, low_after, high_after = todo.pop()
        while low < high and low_after < high_after and before[low] == after[low_after]:
            found.append((low, low_after))
            low, low_after = low + 1, low_after + 1
        while low < high and low_after < high_after and before[high - 1] == after[high_after - 1]:
            high, high_after = high - 1, high_after - 1
            found.append((high, high_after))
        if low == high or low_after == high_after:
            continue
        anchors = _anchors(before, after, (low, high, low_after, high_after))
        if not anchors:
            found += _searched(before, after, (low, high, low_after, high_after))
            continue
        # An anchor begins the gap after it, whose first lines are compared first.
        starts = [(low, low_after), *anchors]
        ends = [*anchors, (high, high_after)]
        todo += [
            (one, end, other, end_after)
            for (one, other), (end, end_after) in zip(starts, ends, strict=True)
        ]
    return found


def _anchors(
    before: Sequence[str], after: Sequence[str], within: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    """Lines that are there once on both sides, as many as keep their order."""
    low, high, low_after, high_after = within
    once = Counter(before[low:high])
    once_after = Counter(after[low_after:high_after])
    places = {
        after[at]: at for at in range(low_after, high_after) if once_after[after[at]] == 1
    }  # fmt: skip
    common = [
        (at, places[before[at]])
        for at in range(low, high)
        if once[before[at]] == 1 and before[at] in places
    ]
    return _rising(common)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest choice of pairs whose second numbers rise too."""
    smallest: list[int] = []
    holders: list[int] = []
    earlier: list[int] = []
    for number, (_, other) in enumerate(pairs):
        place = bisect_left(smallest, other)
        earlier.append(holders[place - 1] if place else -1)
        smallest[place : place + 1] = [other]
        holders[place : place + 1] = [number]
    chosen: list[tuple[int, int]] = []
    at = holders[-1] if holders else -1
    while at >= 0:
        chosen.append(pairs[at])
        at = earlier[at]
    return chosen[::-1]


def _searched(
    before: Sequence[str], after: Sequence[str], within: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    """Without unique lines every line is compared with every other."""
    low, high, low_after, high_after = within
    if (high - low) * (high_after - low_after) > _MOST_COMPARISONS:
        return []
    matcher = SequenceMatcher(
        None, before[low:high], after[low_after:high_after], autojunk=False
    )  # fmt: skip
    return [
        (low + start + step, low_after + start_after + step)
        for start, start_after, size in matcher.get_matching_blocks()
        for step in range(size)
    ]
