"""JSON with line numbers, strictly as the standard has it."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from json.decoder import scanstring  # type: ignore[attr-defined]  # not in the stubs
from typing import Final

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.importing.nodes import (
    DEEPEST,
    LONGEST_KEY,
    MOST_NODES,
    Contents,
    Node,
    Scalar,
    refused,
)

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_NUMBER: Final = re.compile(
    r"-?(?:0|[1-9]\d{0,400})(?:\.\d{1,400})?(?:[eE][-+]?\d{1,4})?", re.ASCII
)
_WORDS: Final[dict[str, Scalar]] = {"true": True, "false": False, "null": None}


def read(text: str, name: str) -> Contents:
    """The document of a file.

    Raises:
        InvalidInput: it is not JSON; says where.
    """
    reader = _Reader(text, name)
    node, end = reader.value(reader.skip(0), 0)
    end = reader.skip(end)
    if end < len(text):
        raise reader.refused(end, "there is more after the end of the document")
    return Contents([node])


class _Reader:
    """Each method takes a position and returns what is there and where it ends."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._count = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def refused(self, position: int, message: str) -> InvalidInput:
        return refused(self._name, self._line(position), f"this is not JSON: {message}")

    def skip(self, position: int) -> int:
        match = _SPACE.match(self._text, position)
        return match.end() if match else position

    def value(self, position: int, depth: int) -> tuple[Node, int]:
        if depth > DEEPEST:
            raise self.refused(position, f"it is nested more than {DEEPEST} deep")
        self._count += 1
        if self._count > MOST_NODES:
            raise self.refused(position, f"it holds more than {MOST_NODES:,} values")
        line = self._line(position)
        start = self._text[position : position + 1]
        if start == "{":
            return self._mapping(position + 1, depth, line)
        if start == "[":
            return self._list(position + 1, depth, line)
        if start == '"':
            text, end = self._string(position)
            return Node(text, line), end
        return self._scalar(position, line)

    def _line(self, position: int) -> int:
        return bisect_right(self._starts, position)

    def _string(self, position: int) -> tuple[str, int]:
        try:
            text, end = scanstring(self._text, position + 1, True)
        except json.JSONDecodeError as error:
            raise self.refused(error.pos, error.msg) from None
        return str(text), int(end)

    def _scalar(self, position: int, line: int) -> tuple[Node, int]:
        for word, value in _WORDS.items():
            if self._text.startswith(word, position):
                return Node(value, line), position + len(word)
        match = _NUMBER.match(self._text, position)
        if match is None:
            raise self.refused(position, "a value is expected here")
        digits = match.group()
        if digits.lstrip("-").isdigit():
            return Node(int(digits), line), match.end()
        number = float(digits)
        if not math.isfinite(number):
            raise self.refused(position, "the number is too large")
        return Node(number, line), match.end()

    def _mapping(self, position: int, depth: int, line: int) -> tuple[Node, int]:
        fields: dict[str, Node] = {}
        position = self.skip(position)
        if self._text.startswith("}", position):
            return Node(fields, line), position + 1
        while True:
            if not self._text.startswith('"', position):
                raise self.refused(position, 'a field name in "double quotes" is expected here')
            key, end = self._string(position)
            if len(key) > LONGEST_KEY:
                raise self.refused(position, f"a field name of {len(key)} characters: shorten it")
            if key in fields:
                raise self.refused(position, f"the field {key!r} is there twice")
            end = self.skip(end)
            if not self._text.startswith(":", end):
                raise self.refused(end, "a colon is expected here")
            fields[key], end = self.value(self.skip(end + 1), depth + 1)
            position, closed = self._next(end, "}")
            if closed:
                return Node(fields, line), position

    def _list(self, position: int, depth: int, line: int) -> tuple[Node, int]:
        items: list[Node] = []
        position = self.skip(position)
        if self._text.startswith("]", position):
            return Node(items, line), position + 1
        while True:
            item, end = self.value(position, depth + 1)
            items.append(item)
            position, closed = self._next(end, "]")
            if closed:
                return Node(items, line), position

    def _next(self, position: int, bracket: str) -> tuple[int, bool]:
        position = self.skip(position)
        if self._text.startswith(bracket, position):
            return position + 1, True
        if not self._text.startswith(",", position):
            raise self.refused(position, f"a comma or {bracket!r} is expected here")
        return self.skip(position + 1), False
