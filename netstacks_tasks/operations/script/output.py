"""Hands on what a script prints, line by line, as it appears."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

Stream = Literal["stdout", "stderr"]
Said = Callable[[Stream, str], None]

_LONGEST_LINE: Final = 8192
"""Characters; the rest of a line is left out."""
_LONGEST_READ: Final = 16 * _LONGEST_LINE
"""Bytes of a line that are looked at."""
_TAIL_LINES: Final = 200
_CUT: Final = "…"


@dataclass(slots=True)
class Output:
    """Both streams of one script."""

    most: int
    """Bytes of both together; `too_much` is set beyond."""
    said: Said
    redact: Callable[[str], str]
    total: int = 0
    tails: dict[Stream, deque[str]] = field(
        default_factory=lambda: {
            "stdout": deque(maxlen=_TAIL_LINES),
            "stderr": deque(maxlen=_TAIL_LINES),
        }
    )
    too_much: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, reader: asyncio.StreamReader, stream: Stream) -> None:
        """Hand on lines as they come; a secret is hidden before a line is cut."""
        rest = b""
        while chunk := await reader.read(65536):
            self.total += len(chunk)
            if self.total > self.most:
                self.too_much.set()
                continue  # what it prints until it is dead is read and dropped
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._line(stream, line)
            # Of an endless line only the beginning will be told.
            rest = rest[: _LONGEST_READ + 1]
        if rest:
            self._line(stream, rest)

    def _line(self, stream: Stream, line: bytes) -> None:
        whole = self.redact(line[:_LONGEST_READ].decode(errors="replace").rstrip("\r"))
        text = "".join(c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}"
                       for c in whole[:_LONGEST_LINE])  # fmt: skip
        if len(whole) > _LONGEST_LINE or len(line) > _LONGEST_READ:
            text += _CUT
        self.tails[stream].append(text)
        self.said(stream, text)

    def tail(self, stream: Stream) -> str:
        """The last lines, as they were handed on."""
        return "\n".join(self.tails[stream])
