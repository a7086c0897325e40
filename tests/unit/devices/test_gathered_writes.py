"""What is written in one turn goes out together, and all of it goes out."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from netstacks_tasks.devices.gathered_writes import GatheringProtocol


class Far(asyncio.Protocol):
    """The other end: what came, in the pieces it came in."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.lost = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.pieces.append(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self.lost.set()


class Near(asyncio.Protocol):
    """Ours, which writes through what it is given."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.answer.set_result(data)


@pytest.fixture
async def far() -> AsyncIterator[tuple[Far, int]]:
    far = Far()
    server = await asyncio.get_running_loop().create_server(lambda: far, "127.0.0.1", 0)
    async with server:
        yield far, server.sockets[0].getsockname()[1]


async def test_writes_of_a_turn_are_one(far: tuple[Far, int]) -> None:
    end, port = far
    connected = socket.create_connection(("127.0.0.1", port))
    connected.setblocking(False)
    near = Near()
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: GatheringProtocol(near), sock=connected)
    sent: list[bytes] = []
    below = near.transport.get_extra_info("socket")
    assert below.getpeername()[1] == port
    real = near.transport._transport  # type: ignore[attr-defined]
    write = real.write

    def noted(data: bytes) -> None:
        sent.append(data)
        write(data)

    real.write = noted
    for piece in (b"a", b"", b"b"):
        near.transport.write(piece)
    await asyncio.sleep(0)
    near.transport.write(b"c")
    near.transport.close()
    await end.lost.wait()
    assert sent == [b"ab", b"c"]
    assert b"".join(end.pieces) == b"abc"
    assert near.transport.is_closing()
