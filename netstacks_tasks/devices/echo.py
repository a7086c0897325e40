"""ICMP echo: the packets, and the sockets that may send them."""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Hashable
from functools import lru_cache
from typing import Final

from netstacks_tasks.devices.shared_socket import SharedSocket

_HEADER: Final = struct.Struct("!BBHHH")
_REQUEST: Final = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY: Final = {socket.AF_INET: 0, socket.AF_INET6: 129}
_PROTOCOL: Final = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}
_PAYLOAD_BYTES: Final = 56
_SEQUENCES: Final = 1 << 16
# Of Linux; Python does not name them.
_SOL_RAW: Final = 255
_ICMP_FILTER: Final = 1


@lru_cache(maxsize=2)
def socket_kind(family: socket.AddressFamily) -> socket.SocketKind | None:
    """Which kind of ICMP socket this process may open; None: none."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(family, kind, _PROTOCOL[family]).close()
        except OSError:
            continue
        return kind
    return None


class EchoSocket:
    """Echo requests to many hosts of one address family over one socket."""

    def __init__(self, family: socket.AddressFamily) -> None:
        """Open the socket.

        Raises:
            OSError: this process may not.
        """
        kind = socket_kind(family) or socket.SOCK_RAW
        self._raw_v4 = kind == socket.SOCK_RAW and family == socket.AF_INET
        self._family = family
        self._identity = secrets.randbelow(_SEQUENCES)
        # Nobody who did not see a request can answer it, nor does another program's reply count.
        self._payload = secrets.token_bytes(_PAYLOAD_BYTES)
        self._sequence = 0
        opened = socket.socket(family, kind, _PROTOCOL[family])
        if self._raw_v4:
            # A raw socket is handed all that comes, and on loopback its own requests as well.
            opened.setsockopt(
                _SOL_RAW, _ICMP_FILTER, struct.pack("=I", ~(1 << _REPLY[family]) & 0xFFFFFFFF)
            )
        self.shared = SharedSocket(opened, self._read)

    def next_request(self) -> tuple[int, bytes]:
        """The key of the next request, and its packet."""
        self._sequence = (self._sequence + 1) % _SEQUENCES
        kind = _REQUEST[self._family]
        packet = _HEADER.pack(kind, 0, 0, self._identity, self._sequence) + self._payload
        if self._family == socket.AF_INET:
            # Of IPv6 the system makes the checksum, which covers addresses too.
            packet = packet[:2] + _checksum(packet) + packet[4:]
        return self._sequence, packet

    def _read(self, packet: bytes) -> tuple[Hashable, None] | None:
        if self._raw_v4:
            packet = packet[(packet[0] & 0x0F) * 4 :] if packet else packet
        if len(packet) < _HEADER.size:
            return None
        kind, _, _, _, sequence = _HEADER.unpack_from(packet)
        if kind != _REPLY[self._family] or packet[_HEADER.size :] != self._payload:
            return None
        return sequence, None


def _checksum(packet: bytes) -> bytes:
    """The one's complement of the one's complement sum of its words (RFC 1071)."""
    total = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)
