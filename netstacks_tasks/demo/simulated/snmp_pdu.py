"""Answers the requests inside SNMP messages, whatever the version that carries them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from netstacks_tasks.demo.simulated import ber
from netstacks_tasks.demo.simulated.ber import BadEncoding, Oid, Reader
from netstacks_tasks.demo.simulated.mib import Mib

GET: Final = 0xA0
GET_NEXT: Final = 0xA1
RESPONSE: Final = 0xA2
SET: Final = 0xA3
GET_BULK: Final = 0xA5
REPORT: Final = 0xA8

_NOT_WRITABLE: Final = 17
_ROOM: Final = 1200
"""Octets of bindings in one answer: it then fits an Ethernet frame."""


@dataclass(frozen=True, slots=True)
class Request:
    """A decoded request; the two numbers are GETBULK's where it is one."""

    kind: int
    request_id: int
    non_repeaters: int
    max_repetitions: int
    oids: tuple[Oid, ...]


def read_request(reader: Reader) -> Request:
    """Decode a request.

    Raises:
        BadEncoding: it is none.
    """
    kind = reader.peek()
    body = reader.enter()
    request_id, first, second = body.integer(), body.integer(), body.integer()
    oids = []
    bindings = body.enter(ber.SEQUENCE)
    while not bindings.at_end:
        oids.append(bindings.enter(ber.SEQUENCE).object_id())
    return Request(kind, request_id, max(0, first), max(0, second), tuple(oids))


def answer(request: Request, mib: Mib) -> bytes:
    """The response.

    Raises:
        BadEncoding: the agent does not answer requests of this kind.
    """
    match request.kind:
        case 0xA0:
            bindings = [_binding(oid, mib.get(oid)) for oid in request.oids]
        case 0xA1:
            bindings = [_binding(*mib.after(oid)) for oid in request.oids]
        case 0xA5:
            bindings = _bulk(request, mib)
        case 0xA3:
            unchanged = [_binding(oid, ber.tagged(ber.NULL, b"")) for oid in request.oids]
            return pdu(RESPONSE, request.request_id, unchanged, error=_NOT_WRITABLE)
        case _:
            raise BadEncoding(f"no request: {request.kind:#x}")
    return pdu(RESPONSE, request.request_id, bindings)


def pdu(kind: int, request_id: int, bindings: list[bytes], *, error: int = 0) -> bytes:
    """An encoded PDU; `error` concerns the first binding."""
    return ber.sequence(
        ber.integer(request_id),
        ber.integer(error),
        ber.integer(1 if error else 0),
        ber.sequence(*bindings),
        tag=kind,
    )


def report(request_id: int, oid: Oid, count: int) -> bytes:
    """A report of a counter, the way SNMPv3 tells what it did not like."""
    return pdu(REPORT, request_id, [_binding(oid, ber.integer(count, ber.COUNTER32))])


def _bulk(request: Request, mib: Mib) -> list[bytes]:
    bindings = [_binding(*mib.after(oid)) for oid in request.oids[: request.non_repeaters]]
    columns = list(request.oids[request.non_repeaters :])
    room = _ROOM - sum(map(len, bindings))
    for _ in range(request.max_repetitions if columns else 0):
        row = [mib.after(oid) for oid in columns]
        encoded = [_binding(*found) for found in row]
        room -= sum(map(len, encoded))
        if room < 0:
            break
        bindings += encoded
        columns = [oid for oid, _ in row]
        if all(value == ber.END_OF_MIB_VIEW for _, value in row):
            break
    return bindings


def _binding(oid: Oid, value: bytes) -> bytes:
    return ber.sequence(ber.object_id(oid), value)
