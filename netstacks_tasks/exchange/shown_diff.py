"""A unified diff of two configurations, as whoever asks may see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.models.line_diff import Stretch, hunks, stretches
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store.snapshots import StoredConfig, title_of

_CONTEXT: Final = 3


@dataclass(frozen=True, slots=True)
class UnifiedDiff:
    """What changed."""

    text: str
    """Empty: nothing."""
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class _Lines:
    own: Sequence[str] = field(repr=False)
    shown: Sequence[str]

    @classmethod
    def of(cls, stored: StoredConfig, *, secrets: bool) -> _Lines:
        text = normalise(stored.platform, stored.content)
        own = text.split("\n")[:-1]
        # Redacted as one text: a private key is recognised by its frame.
        return cls(own, own if secrets else Redactor().lines(text)[: len(own)])


def unified(before: StoredConfig, after: StoredConfig, *, secrets: bool) -> UnifiedDiff:
    """Compare the lines as they are, and tell those that may be seen.

    A line that is told as removed and added with the same words has another
    secret now.

    Args:
        before: the older version.
        after: the newer one.
        secrets: show them.
    """
    old, new = _Lines.of(before, secrets=secrets), _Lines.of(after, secrets=secrets)
    found = stretches(old.own, new.own)
    changed = [one for one in found if not one.same]
    lines = [line for hunk in hunks(found, _CONTEXT) for line in _hunk(hunk, old, new)]
    if lines:
        lines = [f"--- {title_of(before)}", f"+++ {title_of(after)}", *lines]
    return UnifiedDiff(
        text="".join(f"{line}\n" for line in lines),
        added=sum(one.after_end - one.after_start for one in changed),
        removed=sum(one.before_end - one.before_start for one in changed),
    )


def _hunk(hunk: Sequence[Stretch], old: _Lines, new: _Lines) -> Iterator[str]:
    first, last = hunk[0], hunk[-1]
    before = _range(first.before_start, last.before_end)
    after = _range(first.after_start, last.after_end)
    yield f"@@ -{before} +{after} @@"
    for one in hunk:
        if one.same:
            yield from (f" {line}" for line in new.shown[one.after_start : one.after_end])
        else:
            yield from (f"-{line}" for line in old.shown[one.before_start : one.before_end])
            yield from (f"+{line}" for line in new.shown[one.after_start : one.after_end])


def _range(start: int, end: int) -> str:
    """As unified diffs count: from 1, and an empty one by the line before it."""
    count = end - start
    first = start + 1 if count else start
    return str(first) if count == 1 else f"{first},{count}"
