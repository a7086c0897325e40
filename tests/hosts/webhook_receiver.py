"""An HTTP server on loopback that keeps what it is sent, as a chat's webhook would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

Message = dict[str, Any]


class Received:
    """What came so far, and its address."""

    def __init__(self) -> None:
        self.url = ""
        self.messages: list[Message] = []
        self._more = asyncio.Condition()

    async def about(self, words: str, seconds: float = 90) -> Message:
        """The first message whose subject has these words, once it is there."""
        async with asyncio.timeout(seconds), self._more:
            while True:
                for message in self.messages:
                    if words in message["subject"]:
                        return message
                await self._more.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(
            int(line.split(":")[1]) for line in head.splitlines() if "content-length" in line
        )
        message = json.loads(await reader.readexactly(length)) | {"headers": head}
        async with self._more:
            self.messages.append(message)
            self._more.notify_all()
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Received]:
    """Serve inside the context."""
    received = Received()
    server = await asyncio.start_server(received.serve, "127.0.0.1", 0)
    received.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    async with server:
        yield received
