"""The form of an allowed command: words, arguments of a kind, and what may be left out.

A pattern is written as people read it: `show ip route [vrf <name>] [<prefix>]`.
`{a|b}` stands for one of some words.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

_INTERFACE: Final = re.compile(r"[A-Za-z][A-Za-z-]{0,40}\d{1,4}([/.:]\d{1,5}){0,6}")
_LINK: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_NUMBER: Final = re.compile(r"[0-9]{1,10}")


def _is_address(word: str) -> bool:
    try:
        # A zone would let any text follow.
        return "%" not in word and bool(ipaddress.ip_address(word))
    except ValueError:
        return False


def _is_prefix(word: str) -> bool:
    try:
        return "%" not in word and bool(ipaddress.ip_network(word, strict=False))
    except ValueError:
        return False


KINDS: Final[dict[str, Callable[[str], bool]]] = {
    "interface": lambda word: _INTERFACE.fullmatch(word) is not None,
    "link": lambda word: _LINK.fullmatch(word) is not None,
    "name": lambda word: _NAME.fullmatch(word) is not None,
    "number": lambda word: _NUMBER.fullmatch(word) is not None,
    "address": _is_address,
    "prefix": _is_prefix,
}
"""What may stand for `<interface>` and so on; `link` is an interface of Linux."""


@dataclass(frozen=True, slots=True)
class _Word:
    words: frozenset[str]

    def takes(self, word: str) -> bool:
        return word in self.words

    def is_begun_by(self, word: str) -> bool:
        return any(full.startswith(word) for full in self.words)


@dataclass(frozen=True, slots=True)
class _Argument:
    kind: str

    def takes(self, word: str) -> bool:
        return KINDS[self.kind](word)

    def is_begun_by(self, _word: str) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class _Optional:
    parts: tuple[Part, ...]


Part: TypeAlias = _Word | _Argument | _Optional

_PIECE: Final = re.compile(r"\[|\]|<\w+>|\{[^}]+\}|[^\s\[\]<>{}]+")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One allowed form."""

    text: str
    parts: tuple[Part, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a pattern; one of this package's own, so that a mistake in it is a bug."""
        pieces = _PIECE.findall(text)
        parts = _parts(pieces)
        if pieces:
            raise ValueError(f"unbalanced: {text}")
        return cls(text, parts)

    def matches(self, words: Sequence[str]) -> bool:
        """Whether the words are of this form, all of them."""
        return _matches(self.parts, tuple(words))

    def abbreviated_by(self, words: Sequence[str]) -> bool:
        """Whether the words would be of this form, were those cut short written out."""
        return _matches(self.parts, tuple(words), short=True)

    def begins_with(self, words: Sequence[str]) -> bool:
        """Whether a command of this form can begin with the words."""
        return _matches(self.parts, tuple(words), whole=False)


def _parts(pieces: list[str]) -> tuple[Part, ...]:
    """Take pieces off the front, up to the bracket that closes."""
    parts: list[Part] = []
    while pieces and pieces[0] != "]":
        piece = pieces.pop(0)
        if piece == "[":
            parts.append(_Optional(_parts(pieces)))
            pieces.pop(0)
        elif piece.startswith("<"):
            parts.append(_Argument(piece.strip("<>")))
        else:
            parts.append(_Word(frozenset(piece.strip("{}").split("|"))))
    return tuple(parts)


def _matches(
    parts: tuple[Part, ...], words: tuple[str, ...], *, whole: bool = True, short: bool = False
) -> bool:
    if not words and not whole:
        return True
    if not parts:
        return not words
    head, rest = parts[0], parts[1:]
    if isinstance(head, _Optional):
        there = _matches(head.parts + rest, words, whole=whole, short=short)
        return there or _matches(rest, words, whole=whole, short=short)
    if not words or not (head.takes(words[0]) or (short and head.is_begun_by(words[0]))):
        return False
    return _matches(rest, words[1:], whole=whole, short=short)
