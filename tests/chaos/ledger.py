"""Where the scripts of the tasks sign in and out, so that two at once are seen.

A script is connected for as long as its process lives: the kernel closes the
connection of one that was killed, which is no moment for a doubt.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from types import TracebackType
from typing import Self

SCRIPT = """\
exec 3<>/dev/tcp/127.0.0.1/$2 || exit 9
echo "$1" >&3
read -t $3 -r said <&3
echo end >&3
"""
"""Arguments: the task's name, the port, and how many seconds it takes."""


class Ledger:
    """A server on loopback."""

    def __init__(self) -> None:
        self.begun: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.doubled: list[str] = []
        """A task's name for each time that it worked twice at once."""
        self.working: Counter[str] = Counter()
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await reader.readline()).decode().strip()
        self.begun[name] += 1
        self.working[name] += 1
        if self.working[name] > 1:
            self.doubled.append(name)
        try:
            self.done[name] += (await reader.read()) == b"end\n"
        except OSError:
            pass  # reset: its process was killed
        finally:
            self.working[name] -= 1
            writer.close()
