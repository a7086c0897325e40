"""An SNMP v2c agent that knows sysName and costs as little as it can."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Final

from netstacks_tasks.demo.simulated import ber, snmp_pdu
from netstacks_tasks.demo.simulated.ber import BadEncoding, Reader

COMMUNITY: Final = "simulated-fleet"
_V2C: Final = 1
_SYS_NAME: Final = (1, 3, 6, 1, 2, 1, 1, 5, 0)


class Agent:
    """Answers on one address; silent towards whoever has no right to ask."""

    def __init__(self, name: str, address: str, port: int) -> None:
        """Listen on the port; on any when it is 0."""
        self._name = ber.octets(name.encode())
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((address, port))
        self.port: int = self._socket.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def close(self) -> None:
        """Stop listening."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _readable(self) -> None:
        with suppress(BlockingIOError, BadEncoding):
            request, asker = self._socket.recvfrom(4096)
            self._socket.sendto(self._answer(request), asker)

    def _answer(self, request: bytes) -> bytes:
        message = Reader(request).enter(ber.SEQUENCE)
        if message.integer() != _V2C or message.octets() != COMMUNITY.encode():
            raise BadEncoding("not for us")
        asked = snmp_pdu.read_request(message)
        found = [
            ber.sequence(ber.object_id(oid), self._name if oid == _SYS_NAME else ber.NO_SUCH_OBJECT)
            for oid in asked.oids
        ]
        return ber.sequence(
            ber.integer(_V2C),
            ber.octets(COMMUNITY.encode()),
            snmp_pdu.pdu(snmp_pdu.RESPONSE, asked.request_id, found),
        )
