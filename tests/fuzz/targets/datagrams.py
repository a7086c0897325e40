"""Datagrams from anybody: SNMP answers and echo replies."""

from __future__ import annotations

import socket

from netstacks_tasks.devices import snmp_v2c
from netstacks_tasks.devices.echo import EchoSocket
from netstacks_tasks.devices.snmp import _text
from netstacks_tasks.testing import device
from tests.fuzz.target import Target

_DEVICE = device("core-1")


def _echo(*, raw: bool) -> EchoSocket:
    """Its reader alone: it opens no socket."""
    echo = object.__new__(EchoSocket)
    echo._raw_v4 = raw
    echo._family = socket.AF_INET
    echo._payload = b"p" * 56
    return echo


_ECHOES = (_echo(raw=True), _echo(raw=False))


def _read(data: bytes) -> None:
    for echo in _ECHOES:
        answer = echo._read(data)
        assert answer is None or isinstance(answer[0], int)
    found = snmp_v2c._read(data)
    if found is not None:
        hash(found[0])
        _text(_DEVICE, found[1].status, found[1].value)


TARGET = Target(
    name="datagrams",
    read=_read,
    words=("\x30\x82", "\x02\x01\x01", "\x04\x06public", "\x06\x08", "\x05", "p" * 56, "\x45"),
    longest=512,
)
