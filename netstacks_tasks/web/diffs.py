"""The difference of two configurations, arranged to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Final, Literal

from netstacks_tasks.exchange.config_lines import ConfigLines
from netstacks_tasks.models.line_diff import Stretch, hunks, stretches
from netstacks_tasks.web.word_marks import Part, Parts, marked

CONTEXT: Final = 3
"""Unchanged lines that are shown before and after a change."""
MOST_ROWS: Final = 5000
"""A browser has trouble with more."""
_MOST_EFFORT: Final = 40_000_000
"""Characters times characters of lines whose words are compared: a second or two."""
_FEWEST_FOLDED: Final = 3
_INDENT: Final = (" ", "\t")


@dataclass(frozen=True, slots=True)
class Line:
    """A line on one of the sides."""

    number: int
    parts: Parts
    secret_differs: bool = False
    """It looks like the one on the other side: only what is hidden differs."""


@dataclass(frozen=True, slots=True)
class Row:
    """Lines that face each other."""

    before: Line | None
    after: Line | None


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of the same kind."""

    kind: Literal["same", "changed"]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Fold:
    """Unchanged lines that are not shown."""

    before_start: int
    """Counted from 0."""
    after_start: int
    count: int
    section: str = ""
    """The line that the lines after the fold are indented below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two versions side by side."""

    blocks: Sequence[Block | Fold]
    added: int
    removed: int
    left_out: int
    """Changed lines that are too many to be shown."""


def difference(before: ConfigLines, after: ConfigLines, *, fold: bool = True) -> Difference:
    """Compare the lines as they are, and arrange those that may be shown.

    Args:
        before: the version on the left.
        after: the version on the right.
        fold: leave out what is unchanged.
    """
    found = stretches(before.own, after.own)
    changed = [one for one in found if not one.same]
    arranged = _Arrangement(before, after)
    for hunk in hunks(found, CONTEXT):
        arranged.add_unchanged(hunk[0].before_start, hunk[0].after_start, fold)
        for one in hunk:
            arranged.add(one)
    arranged.add_unchanged(len(before.own), len(after.own), fold)
    return Difference(
        blocks=arranged.blocks,
        added=sum(one.after_end - one.after_start for one in changed),
        removed=sum(one.before_end - one.before_start for one in changed),
        left_out=arranged.left_out,
    )


def unfolded(after: ConfigLines, fold: Fold) -> Block:
    """The lines of a fold; both sides have them, so one suffices."""
    shown = after.shown[fold.after_start : fold.after_start + fold.count]
    rows = []
    for step, text in enumerate(shown, 1):
        parts = (Part(text),)
        rows.append(
            Row(Line(fold.before_start + step, parts), Line(fold.after_start + step, parts))
        )
    return Block("same", rows)


class _Arrangement:
    def __init__(self, before: ConfigLines, after: ConfigLines) -> None:
        self.blocks: list[Block | Fold] = []
        self.left_out = 0
        self._before = before
        self._after = after
        self._at = (0, 0)
        self._room = MOST_ROWS
        self._effort = _MOST_EFFORT

    def add_unchanged(self, before: int, after: int, fold: bool) -> None:
        """What lies between the last hunk and the next one."""
        count = after - self._at[1]
        between = Fold(*self._at, count, self._section(after))
        if (fold and count >= _FEWEST_FOLDED) or count > self._room:
            # Where a change is left out, what lies round it is too.
            self.blocks += [between] if self._room else []
        elif count:
            self._room -= count
            self.blocks.append(unfolded(self._after, between))
        self._at = (before, after)

    def add(self, one: Stretch) -> None:
        """A part of a hunk."""
        size = max(one.before_end - one.before_start, one.after_end - one.after_start)
        rows = min(size, self._room)
        self._room -= rows
        self._at = (one.before_end, one.after_end)
        if one.same and rows:
            same = Fold(one.before_start, one.after_start, rows)
            self.blocks.append(unfolded(self._after, same))
        elif rows:
            self.blocks.append(Block("changed", self._changed(one, rows)))
        if not one.same:
            self.left_out += size - rows

    def _changed(self, one: Stretch, rows: int) -> list[Row]:
        pairs = zip_longest(
            range(one.before_start, one.before_end), range(one.after_start, one.after_end)
        )
        return [self._facing(old, new) for old, new in islice(pairs, rows)]

    def _facing(self, old: int | None, new: int | None) -> Row:
        before = None if old is None else self._before.shown[old]
        after = None if new is None else self._after.shown[new]
        if old is None or new is None or before is None or after is None:
            return Row(_line(old, before), _line(new, after))
        # The lines are not the same; what is shown of them may be.
        hidden = before == after
        parts = self._marked(before, after)
        return Row(Line(old + 1, parts[0], hidden), Line(new + 1, parts[1], hidden))

    def _marked(self, before: str, after: str) -> tuple[Parts, Parts]:
        """Their words compared, while that is quick: devices can write lines that take long."""
        effort = len(before) * len(after)
        if before == after or effort > self._effort:
            return (Part(before),), (Part(after),)
        self._effort -= effort
        return marked(before, after)

    def _section(self, at: int) -> str:
        lines = self._after.shown
        if at >= len(lines) or not lines[at].startswith(_INDENT):
            return ""
        above = (lines[number] for number in range(at - 1, -1, -1))
        return next((line for line in above if line and not line.startswith(_INDENT)), "")


def _line(number: int | None, text: str | None) -> Line | None:
    return None if number is None or text is None else Line(number + 1, (Part(text),))
