"""A device that is gone is found out by the system."""

from __future__ import annotations

import socket
import sys
from uuid import uuid4

import pytest

from netstacks_tasks.devices.tcp import open_connection
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device


@pytest.mark.skipif(sys.platform != "linux", reason="other systems name the options otherwise")
async def test_who_answers_nothing_for_a_minute_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        device = Device(
            id=DeviceId(uuid4()),
            name="r1",
            host="127.0.0.1",
            port=server.getsockname()[1],
            platform="ios",
        )
        with await open_connection(device, timeout=5) as connected:
            assert connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            idle, every, probes, unanswered = (
                connected.getsockopt(socket.IPPROTO_TCP, option)
                for option in (
                    socket.TCP_KEEPIDLE,
                    socket.TCP_KEEPINTVL,
                    socket.TCP_KEEPCNT,
                    socket.TCP_USER_TIMEOUT,
                )
            )
    assert idle + every * probes == 60
    assert unanswered == 60_000
