"""One datagram socket for many devices: requests go out at a pace, answers find who asked.

A socket for each device would cost a file descriptor and far more CPU, and so
many requests at once would overflow the buffers between here and there.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
import sys
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from netstacks_tasks.devices.pace import Pace

T = TypeVar("T")
Address = tuple[Any, ...]

_PER_SECOND: Final = 5000
_AT_ONCE: Final = 64
"""Answers to so many fit the smallest receive buffer that systems come with."""
_BUFFER_BYTES: Final = 1024 * 1024
_LONGEST: Final = 65_535
_FULL: Final = frozenset({errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM})
_FULL_PAUSE: Final = 0.01
# Linux stamps what comes in, so that nobody's latency grows with the work of this process.
# Python does not name the option; the stamp is of the type timespec.
_STAMPS: Final = 35 if sys.platform == "linux" else None
_STAMP: Final = struct.Struct("@ll")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What came back, and when, in milliseconds from the request."""

    content: T
    latency_ms: float


class SharedSocket(Generic[T]):
    """Many conversations, told apart by a key that each request and its answer have in common."""

    def __init__(
        self, sock: socket.socket, read: Callable[[bytes], tuple[Hashable, T] | None]
    ) -> None:
        """Take a socket over, on the running event loop.

        Args:
            sock: bound or not, never connected.
            read: the key and the content of a datagram; None when it is no answer.
        """
        self._socket = sock
        self._read = read
        self._pace = Pace(_PER_SECOND, at_once=_AT_ONCE)
        self._waiting: dict[Hashable, tuple[int, asyncio.Future[Answer[T]]]] = {}
        self._loop = asyncio.get_running_loop()
        sock.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)
        if _STAMPS is not None:
            sock.setsockopt(socket.SOL_SOCKET, _STAMPS, 1)
        self._loop.add_reader(sock, self._readable)

    async def send(
        self, key: Hashable, packet: bytes, address: Address
    ) -> asyncio.Future[Answer[T]]:
        """Send a request when it is its turn; `forget` the key in the end.

        Raises:
            OSError: the system cannot send it.
        """
        while True:
            await self._pace.turn()
            answer: asyncio.Future[Answer[T]] = self._loop.create_future()
            self._waiting[key] = (time.time_ns(), answer)
            try:
                self._socket.sendto(packet, address)
            except OSError as error:
                self.forget(key)
                if error.errno not in _FULL:
                    raise
                # A network that resolves addresses slowly holds packets back.
                await asyncio.sleep(_FULL_PAUSE)
            else:
                return answer

    def forget(self, key: Hashable) -> None:
        """Whoever asked waits no longer."""
        self._waiting.pop(key, None)

    def close(self) -> None:
        """Close the socket; who still waits will do so until their own deadline."""
        self._loop.remove_reader(self._socket)
        self._socket.close()
        self._pace.close()

    def _readable(self) -> None:
        # All that is there, before anybody's deadline is looked at.
        while True:
            try:
                datagram, ancillary, _, _ = self._socket.recvmsg(_LONGEST, 64)
            except BlockingIOError:
                return
            except OSError:
                # What an earlier packet met on its way: it is its sender's silence.
                continue
            found = self._read(datagram)
            if found is None:
                continue
            key, content = found
            asked = self._waiting.get(key)
            if asked is None or asked[1].done():
                continue
            taken = max(0, _came_at(ancillary) - asked[0])
            asked[1].set_result(Answer(content, taken / 1e6))


def _came_at(ancillary: list[tuple[int, int, bytes]]) -> int:
    """Nanoseconds since the epoch."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _STAMPS and len(data) >= _STAMP.size:
            seconds, rest = _STAMP.unpack_from(data)
            return int(seconds) * 1_000_000_000 + int(rest)
    return time.time_ns()
