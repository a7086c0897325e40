"""What a device prints on a terminal, in whatever pieces."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import netstacks_tasks.devices.cli_terminal as cli
from netstacks_tasks.devices.cli_terminal import Terminal
from netstacks_tasks.testing import device
from tests.fuzz.target import Target

# What nothing follows is a prompt at once: here nothing ever follows later.
cli._QUIET_SECONDS = 30.0  # type: ignore[misc]
_DEVICE = device("core-1")
_LOOP = asyncio.new_event_loop()


class _Said:
    """A session whose answers are known beforehand; then it ends."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self.stdin = self
        self.stdout = self

    def write(self, data: bytes) -> None:
        assert data

    async def read(self, _most: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


async def _talk(pieces: list[bytes]) -> None:
    opened = Terminal(_DEVICE, cast("Any", _Said(pieces)))
    await opened.begin()
    await opened.send("terminal length 0")
    await opened.enable("s3cret")
    await opened.show("show running-config")


def _read(data: bytes) -> None:
    # The byte 0xff, which no text holds, stands between what comes at once.
    pieces = [piece for piece in data.split(b"\xff") if piece]
    _LOOP.run_until_complete(_talk(pieces))


TARGET = Target(
    name="terminal",
    read=_read,
    words=(
        *("core-1>", "core-1#", "core-1(config)#", "\r\n", "Password: ", "enable\r\n", "--More--"),
        *("terminal length 0\r\n", "show running-config\r\n", "\x08 \x08", "[confirm]", "\x1b[K"),
        *("% Unknown command", "(y/n)?"),
    ),
)
