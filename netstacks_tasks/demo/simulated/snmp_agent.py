"""The SNMP agent of one simulated device: v2c by community, v3 authPriv."""

from __future__ import annotations

import asyncio
import hmac
from typing import Final

from netstacks_tasks.demo.simulated import ber, snmp_pdu
from netstacks_tasks.demo.simulated.ber import BadEncoding, Reader
from netstacks_tasks.demo.simulated.device import SimulatedDevice
from netstacks_tasks.demo.simulated.mib import Mib
from netstacks_tasks.demo.simulated.snmp_v3 import V3Endpoint
from netstacks_tasks.demo.simulated.usm import User

_V2C: Final = 1
_V3: Final = 3
# The enterprise number set apart for examples, format 4: a text of our own.
_ENGINE_PREFIX: Final = (0x8000_0000 | 32473).to_bytes(4) + b"\x04"
_LONGEST_ENGINE_ID: Final = 32


class SnmpAgent(asyncio.DatagramProtocol):
    """Answers on one UDP port; silent towards whoever has no right to ask."""

    def __init__(self, device: SimulatedDevice, host: str, port: int, engine_boots: int) -> None:
        self._device = device
        self._mib = Mib(device)
        self._transport: asyncio.DatagramTransport | None = None
        community = device.credential.snmp_community
        self._community = community.get_secret_value().encode() if community else None
        engine_id = (_ENGINE_PREFIX + device.spec.name.encode())[:_LONGEST_ENGINE_ID]
        user = User.of(device.credential, engine_id)
        self._v3 = V3Endpoint(engine_id, engine_boots, user) if user else None
        self.host = host
        self.port = port
        """The port asked for until `open`, the real one afterwards."""

    async def open(self) -> None:
        """Listen; raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(self.host, self.port)
        )
        self.port = self._transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        """Stop listening."""
        if self._transport:
            self._transport.close()
            self._transport = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one request, unless a fault says otherwise."""
        self._device.counts.snmp_requests += 1
        if self._device.faults & {"down", "snmp_silent"}:
            return
        try:
            reply = self.respond(data)
        except BadEncoding:
            return
        if reply and self._transport:
            self._transport.sendto(reply, addr)

    def respond(self, data: bytes) -> bytes | None:
        """The reply to one datagram; None when there is none to give.

        Raises:
            BadEncoding: it is no SNMP message.
        """
        outer = Reader(data).enter(ber.SEQUENCE)
        version = outer.integer()
        if version == _V3 and self._v3:
            return self._v3.respond(data, lambda request: snmp_pdu.answer(request, self._mib))
        if version != _V2C or self._community is None:
            return None
        community = outer.octets()
        if not hmac.compare_digest(community, self._community):
            return None
        pdu = snmp_pdu.answer(snmp_pdu.read_request(outer), self._mib)
        return ber.sequence(ber.integer(_V2C), ber.octets(community), pdu)
