"""Sends together what an SSH connection writes within one turn of the event loop.

asyncssh writes each packet by itself, and each write is a call of the system and a packet on the
wire: half of them for nothing.
"""

from __future__ import annotations

import asyncio
from typing import Any


class GatheringProtocol(asyncio.Protocol):
    """To connect in place of a protocol, which gets a transport that gathers."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        self._protocol = protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP has no other
        transport.set_protocol(self._protocol)
        self._protocol.connection_made(_Gathering(transport))


class _Gathering(asyncio.Transport):
    """The transport, of which writing waits for the end of the turn."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._gathered: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._gathered:
            self._loop.call_soon(self._flush)
        self._gathered.append(bytes(data))

    def _flush(self) -> None:
        if self._gathered:
            gathered, self._gathered = self._gathered, []
            self._transport.write(b"".join(gathered))

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - asyncio's
        return self._transport.get_extra_info(name, default)
