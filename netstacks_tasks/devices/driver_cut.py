"""Breaks the connection of a NAPALM driver that works in another thread.

What the driver waits for fails at once, and it sends nothing afterwards: a
change whose time is over must not be committed behind its caller's back.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final


def cut(driver: Any) -> None:  # noqa: ANN401 - NAPALM's is untyped
    """Break it, whatever it does at the moment; a driver on a socket of ours is left alone."""
    # It may be about to open: a part of what is closed here may not be there yet.
    with suppress(Exception):
        _BY_PLATFORM.get(driver.platform, _pass)(driver)


def _eos(driver: Any) -> None:  # noqa: ANN401 - as above
    # Each request has a connection of its own: without a device there is none.
    transport, driver.device = driver.device.connection.transport, None
    transport.auto_open = 0
    transport.sock.shutdown(socket.SHUT_RDWR)


def _nxos(driver: Any) -> None:  # noqa: ANN401 - as above
    # Out of reach is the request under way: it ends by the driver's own time limit.
    driver.device = None


def _junos(driver: Any) -> None:  # noqa: ANN401 - as above
    driver.device._conn._session.transport.close()


def _iosxr(driver: Any) -> None:  # noqa: ANN401 - as above
    driver.device.device.remote_conn.transport.close()


def _pass(driver: Any) -> None:  # noqa: ANN401 - as above
    """Its connection is on a socket that is closed by whoever opened it."""


_BY_PLATFORM: Final[Mapping[str, Callable[[Any], None]]] = {
    "eos": _eos,
    "nxos": _nxos,
    "junos": _junos,
    "iosxr": _iosxr,
}
