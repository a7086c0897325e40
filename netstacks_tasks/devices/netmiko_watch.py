"""Ends a netmiko session at once when it can only fail.

Netmiko polls: when the device hangs up, refuses enable or its caller gives up,
it goes on polling until its own time limit. It tells a session log of every
poll, which is where we look.
"""

from __future__ import annotations

import re
import socket
from typing import Any, Final

from netmiko.session_log import SessionLog

from netstacks_tasks.devices.resolving import addresses_now
from netstacks_tasks.devices.ssh_session import MAX_OUTPUT_BYTES
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device

_ASKED: Final = re.compile(r"^\s*password:\s*$", re.IGNORECASE | re.MULTILINE)
_KEPT: Final = 4096


class WatchedSocket(socket.socket):
    """A connected socket that remembers that the other side, or we, closed it."""

    ended = False

    @classmethod
    def connect_to(cls, device: Device, timeout: float) -> WatchedSocket:
        """Connect to the device's SSH port, at its first address that answers.

        Raises:
            OSError: none does.
            DeviceError: it has no address that it may have.
        """
        failure = OSError("no address")
        for family, address in addresses_now(device, device.port):
            watched = cls(family, socket.SOCK_STREAM)
            watched.settimeout(timeout)
            try:
                watched.connect(address)
            except OSError as error:
                watched.close()
                failure = error
            else:
                return watched
        raise failure

    def recv(self, *arguments: Any) -> bytes:  # noqa: ANN401 - the base's own
        try:
            data = super().recv(*arguments)
        except TimeoutError:
            raise
        except OSError:
            self.ended = True
            raise
        self.ended = self.ended or not data
        return data


class SessionWatch(SessionLog):
    """Keeps no log; raises `DeviceError` from within netmiko's polling."""

    def __init__(self, device: Device, watched: WatchedSocket) -> None:
        super().__init__()
        self._device = device
        self._socket = watched
        self._text = ""
        self._silent = 0
        self._size = 0
        self.logged_in = False
        """The driver is open: a device that asks for a password now shows a configuration."""

    def write(self, data: str) -> None:
        if data:
            self._silent = 0
            self._size += len(data)
            self._look(data)
        elif self._socket.ended:
            # What came before the end may still wait to be read: one poll more.
            self._silent += 1
            if self._silent > 1:
                raise DeviceError(
                    self._device.name,
                    "command" if self.logged_in else "prompt",
                    "disconnected",
                    f"{self._device.host} port {self._device.port} closed the connection",
                )

    def _look(self, data: str) -> None:
        if self._size > MAX_OUTPUT_BYTES:
            raise DeviceError(
                self._device.name,
                "capture",
                "bad_output",
                f"more than {MAX_OUTPUT_BYTES} bytes came",
            )
        if self.logged_in:
            return
        self._text = (self._text + data)[-_KEPT:]
        # Asked once, the secret is sent; asked again, it was the wrong one.
        if len(_ASKED.findall(self._text)) > 1:
            raise DeviceError(
                self._device.name,
                "prompt",
                "prompt",
                "enable was refused: check the credential's enable_secret",
            )
