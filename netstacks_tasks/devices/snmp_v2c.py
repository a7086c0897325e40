"""SNMP v2c requests of many devices over one socket.

pysnmp's engine keeps each target in a table of its own MIB, whose rows cost
milliseconds each and more the more there are; v2c needs none of that. The
messages are made and read by pysnmp's packet interface.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v2c

from netstacks_tasks.devices.shared_socket import Address, Answer, SharedSocket

_REQUEST_IDS: Final = 1 << 31
_NULL: Final = v2c.Null("")
_MESSAGE: Final = v2c.Message()
_GET: Final = v2c.GetRequestPDU()
v2c.apiPDU.set_defaults(_GET)


@dataclass(frozen=True, slots=True)
class Response:
    """What an agent said."""

    status: Any
    """pysnmp's error status; 0 is none."""
    value: Any
    """Of the first binding, in pysnmp's types."""


class V2cRequests:
    """Asks agents for a single object each."""

    def __init__(self) -> None:
        self._sockets: dict[socket.AddressFamily, SharedSocket[Response]] = {}

    async def get(
        self,
        family: socket.AddressFamily,
        address: Address,
        community: bytes,
        oid: tuple[int, ...],
        *,
        timeout: float,
        tries: int,
    ) -> Answer[Response] | None:
        """Send a request up to `tries` times within `timeout` seconds; None without an answer.

        Raises:
            OSError: the system cannot send it.
        """
        shared = self._sockets.get(family)
        if shared is None:
            opened = socket.socket(family, socket.SOCK_DGRAM)
            shared = self._sockets[family] = SharedSocket(opened, _read)
        # Nobody who did not see it can guess it; the same at each try, for an answer may be late.
        number = secrets.randbelow(_REQUEST_IDS)
        key = (number, community)
        packet = _get_request(number, community, oid)
        try:
            for _ in range(tries):
                asked = await shared.send(key, packet, address)
                await asyncio.wait([asked], timeout=timeout / tries)
                if asked.done():
                    return asked.result()
        finally:
            shared.forget(key)
        return None

    def close(self) -> None:
        """Close the sockets."""
        while self._sockets:
            self._sockets.popitem()[1].close()


def _get_request(request_id: int, community: bytes, oid: tuple[int, ...]) -> bytes:
    pdu = _GET.clone()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_request_id(pdu, request_id)
    v2c.apiPDU.set_varbinds(pdu, ((oid, _NULL),))
    message = _MESSAGE.clone()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, community)
    v2c.apiMessage.set_pdu(message, pdu)
    packet: bytes = encoder.encode(message)
    return packet


def _read(datagram: bytes) -> tuple[Hashable, Response] | None:
    """The request's number and community, and the response; None when it is no response."""
    try:
        message, _ = decoder.decode(datagram, asn1Spec=_MESSAGE)
        pdu = v2c.apiMessage.get_pdu(message)
        if not isinstance(pdu, v2c.ResponsePDU):
            return None
        bindings = v2c.apiPDU.get_varbinds(pdu)
        key = int(v2c.apiPDU.get_request_id(pdu)), bytes(v2c.apiMessage.get_community(message))
        return key, Response(
            status=v2c.apiPDU.get_error_status(pdu), value=bindings[0][1] if bindings else None
        )
    except Exception:
        # Anybody may send anything, and the decoder has many ways to fail at it.
        return None
