"""Where known secrets stand in a text, also those that a terminal or a log broke into lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

Span = tuple[int, int]

_SHORTEST_BROKEN: Final = 6
"""The ends of two lines often make a shorter one."""
_BREAK: Final = r"[^\S\n]*+(?:\n[+-]?[^\S\n]*+){1,3}"
"""Up to three line ends, with what a diff puts before a line."""
_SPACE: Final = r"\s*+(?:[+-][^\S\n]*+)?"
"""Between the words of a secret: a line may end there, too."""
_MARK: Final = re.compile(r"\n[+-]")


def spans(text: str, secrets: Iterable[str]) -> list[Span]:
    """The places of the secrets, in order; those that overlap are one."""
    known = list(secrets)
    found = sorted([*_whole(text, known), *_broken(text, known)])
    joined: list[Span] = []
    for start, end in found:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _whole(text: str, secrets: Iterable[str]) -> Iterator[Span]:
    for secret in secrets:
        start = text.find(secret)
        while start >= 0:
            yield start, start + len(secret)
            start = text.find(secret, start + len(secret))


def _broken(text: str, secrets: Iterable[str]) -> Iterator[Span]:
    if "\n" not in text:
        return
    # Most texts hold none: to look for them without any white space costs least.
    squeezed = [_squeezed(text)]
    if _MARK.search(text):
        squeezed.append(_squeezed(_MARK.sub("\n", text)))
    for secret in secrets:
        short = _squeezed(secret)
        if len(secret) >= _SHORTEST_BROKEN and any(short in one for one in squeezed):
            yield from (match.span() for match in re.finditer(_pattern(secret), text))


def _pattern(secret: str) -> str:
    """The secret with a line's end wherever there may be one."""
    words = (f"(?:{_BREAK})?".join(map(re.escape, word)) for word in secret.split())
    return _SPACE.join(words)


def _squeezed(text: str) -> str:
    return "".join(text.split())
