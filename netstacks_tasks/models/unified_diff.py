"""A difference of two texts in the form that people and `patch` read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from netstacks_tasks.models.line_diff import Stretch, hunks, stretches

_CONTEXT: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the texts."""

    title: str
    lines: Sequence[str] = field(repr=False)
    """What is compared."""
    shown: Sequence[str] | None = None
    """What is told of each line; None: the line itself."""

    def told(self, start: int, end: int) -> Sequence[str]:
        """What is told of some lines."""
        return (self.lines if self.shown is None else self.shown)[start:end]


@dataclass(frozen=True, slots=True)
class UnifiedDiff:
    """What changed."""

    text: str
    """Empty: nothing."""
    added: int
    removed: int


def unified(before: Side, after: Side) -> UnifiedDiff:
    """Compare two texts."""
    found = stretches(before.lines, after.lines)
    changed = [one for one in found if not one.same]
    lines = [line for hunk in hunks(found, _CONTEXT) for line in _hunk(hunk, before, after)]
    if lines:
        lines = [f"--- {before.title}", f"+++ {after.title}", *lines]
    return UnifiedDiff(
        text="".join(f"{line}\n" for line in lines),
        added=sum(one.after_end - one.after_start for one in changed),
        removed=sum(one.before_end - one.before_start for one in changed),
    )


def _hunk(hunk: Sequence[Stretch], before: Side, after: Side) -> Iterator[str]:
    first, last = hunk[0], hunk[-1]
    old = _range(first.before_start, last.before_end)
    new = _range(first.after_start, last.after_end)
    yield f"@@ -{old} +{new} @@"
    for one in hunk:
        if one.same:
            yield from (f" {line}" for line in after.told(one.after_start, one.after_end))
        else:
            yield from (f"-{line}" for line in before.told(one.before_start, one.before_end))
            yield from (f"+{line}" for line in after.told(one.after_start, one.after_end))


def _range(start: int, end: int) -> str:
    """As unified diffs count: from 1, and an empty one by the line before it."""
    count = end - start
    first = start + 1 if count else start
    return str(first) if count == 1 else f"{first},{count}"
