"""A load balancer for a test: takes turns, and passes by who does not answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

Address = tuple[str, int]


class Balancer:
    """One TCP port for several servers."""

    def __init__(self, servers: Sequence[Address]) -> None:
        self._servers = list(servers)
        self._next = 0
        self._open: set[asyncio.StreamWriter] = set()
        self.taken: Counter[Address] = Counter()
        """Connections by server."""
        self.passed_by: Counter[Address] = Counter()
        """Connections that a server did not take."""
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen on loopback while the block runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for writer in list(self._open):
                writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            self._open.add(writer)
            try:
                found = await self._connect()
                if found is None:
                    return
                with contextlib.closing(found[1]):
                    await _both_ways((reader, found[1]), (found[0], writer))
            finally:
                self._open.discard(writer)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self._servers:
            address = self._servers[self._next % len(self._servers)]
            self._next += 1
            try:
                streams = await asyncio.open_connection(*address)
            except OSError:
                self.passed_by[address] += 1
                continue
            self.taken[address] += 1
            return streams
        return None


async def _both_ways(*ways: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    """Until either side ends: then so does the other."""
    copying = [asyncio.create_task(_copy(*way)) for way in ways]
    try:
        await asyncio.wait(copying, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in copying:
            task.cancel()
        await asyncio.gather(*copying, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
