"""Which words of a changed line are others than before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_WORDS: Final = re.compile(r"\s+|[^\s,;(){}\[\]\"'=]+|.")
_LONGEST: Final = 600
"""Of a longer line the words are not compared."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some text of a line."""

    text: str
    marked: bool = False
    """It is not in the line on the other side."""


Parts = Sequence[Part]


def marked(before: str, after: str) -> tuple[Parts, Parts]:
    """Both lines in parts; unmarked when they have no word in common."""
    if max(len(before), len(after)) > _LONGEST:
        return (Part(before),), (Part(after),)
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    if not any(word.strip() for block in blocks for word in old[block.a : block.a + block.size]):
        return (Part(before),), (Part(after),)
    return (
        _parts(old, [(block.a, block.size) for block in blocks]),
        _parts(new, [(block.b, block.size) for block in blocks]),
    )


def _parts(words: Sequence[str], same: Sequence[tuple[int, int]]) -> Parts:
    found: list[Part] = []
    at = 0
    for start, size in same:
        for text, is_marked in (
            ("".join(words[at:start]), True),
            ("".join(words[start : start + size]), False),
        ):
            if text:
                found.append(Part(text, is_marked))
        at = start + size
    return found
