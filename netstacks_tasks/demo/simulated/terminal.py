"""The device's end of a terminal: echo, line editing and the pager."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

MAX_LINE: Final = 4096
"""A longer line loses its end, so that a client cannot fill the memory."""

CTRL_C: Final = "\x03"
CTRL_D: Final = "\x04"
CTRL_U: Final = "\x15"
CTRL_V: Final = "\x16"
HELP: Final = "\x1b?"
"""What ends a line at whose end help was asked for; no line holds it otherwise."""
CTRL_Z: Final = "\x1a"
_ERASE: Final = ("\x08", "\x7f")


class Terminal:
    """Turns typed characters into lines, and lines of output into what a terminal shows."""

    def __init__(
        self,
        send: Callable[[str], None],
        *,
        tty: bool,
        send_error: Callable[[str], None] | None = None,
    ) -> None:
        self._send = send
        self._send_error = send_error or send
        self._echo = tty
        self._newline = "\r\n" if tty else "\n"
        self._keys: asyncio.Queue[str | None] = asyncio.Queue()
        self._after_return = False
        self.rows = 24
        """Lines per page; 0: no pager."""

    def feed(self, text: str) -> None:
        """What the client typed."""
        for key in text:
            # A client ends a line with CR, LF or both.
            if key == "\n" and self._after_return:
                self._after_return = False
                continue
            self._after_return = key == "\r"
            if key != "\0":
                self._keys.put_nowait("\n" if key == "\r" else key)

    def feed_eof(self) -> None:
        """The client will type no more."""
        self._keys.put_nowait(None)

    def write(self, text: str) -> None:
        """Print text whose lines end with a single newline."""
        if text:
            self._send(text.replace("\n", self._newline))

    def write_error(self, text: str) -> None:
        """Print to the standard error of a program; a terminal has but one stream."""
        if text:
            self._send_error(text.replace("\n", self._newline))

    async def read_key(self) -> str | None:
        """One character, or None at the end of the input."""
        return await self._keys.get()

    async def read_line(
        self, prompt: str = "", *, echo: bool = True, initial: str = "", help_key: bool = False
    ) -> str | None:
        """One edited line, or None when the client has left.

        Ctrl-Z ends the line and is its last character; with `help_key` a `?`
        ends it with `HELP`, unless Ctrl-V came before it. Ctrl-C gives an empty line.
        """
        echo = echo and self._echo
        line = initial
        self.write(prompt + (line if echo else ""))
        while True:
            key = await self.read_key()
            if key == CTRL_V:
                line = self._edit(line, await self.read_key() or "", echo=echo)
                continue
            if key is None or (key == CTRL_D and not line):
                return None
            if key in ("\n", CTRL_C):
                self.write("\n")
                return line if key == "\n" else ""
            if key == CTRL_Z or (key == "?" and help_key):
                self.write("^Z\n" if key == CTRL_Z else "?\n")
                return line + (HELP if key == "?" else key)
            line = self._edit(line, key, echo=echo)

    def _edit(self, line: str, key: str, *, echo: bool) -> str:
        if key in _ERASE or key == CTRL_U:
            gone = len(line) if key == CTRL_U else min(1, len(line))
            if echo:
                self._send("\x08 \x08" * gone)
            return line[: len(line) - gone]
        if not key.isprintable() or len(line) >= MAX_LINE:
            return line
        if echo:
            self._send(key)
        return line + key

    async def page(self, text: str) -> bool:
        """Print text a page at a time; False when the reader left."""
        if not self.rows:
            self.write(text)
            return True
        lines = text.splitlines(keepends=True)
        shown = 0
        step = self.rows - 1
        while shown < len(lines):
            self.write("".join(lines[shown : shown + step]))
            shown += step
            if shown >= len(lines):
                break
            self._send(" --More-- ")
            key = await self.read_key()
            self._send("\x08" * 10 + " " * 10 + "\x08" * 10)
            if key is None:
                return False
            if key not in (" ", "\n"):
                break
            step = self.rows - 1 if key == " " else 1
        return True
