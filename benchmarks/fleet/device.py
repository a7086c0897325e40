"""One simulated `ios` device: its login, its lines and their answers."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Final

import asyncssh

from benchmarks.fleet.configuration import running, startup
from netstacks_tasks.devices.filler_packets import without_fillers

USERNAME: Final = "netops"
PASSWORD: Final = "simulated-fleet"  # noqa: S105 - of nothing but the simulated devices
_LINE_END: Final = re.compile(rb"\r\n?|\n")
_VERSION: Final = """\
Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E, RELEASE SOFTWARE
{name} uptime is 1 week, 2 days
System image file is "flash:c2960x-universalk9-mz.152-7.E.bin"
cisco WS-C2960X-48TS-L (APM86XXX) processor (revision A0) with 524288K bytes of memory.
Configuration register is 0xF
"""
_REFUSAL: Final = "          ^\n% Invalid input detected at '^' marker.\n\n"


@dataclass(slots=True)
class Slowness:
    """How slow all devices are at present."""

    seconds: float
    """Before the answer to `show running-config`, which a device has to put together; every
    other line, the login and `show startup-config` are answered at once."""


@dataclass(slots=True)
class Device:
    """What a device answers; made once, as bytes that can be sent as they are."""

    name: str
    slowness: Slowness
    prompt: bytes = field(init=False)
    _answers: dict[bytes, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.prompt = f"{self.name}#".encode()
        self._answers = {
            b"show running-config": _printed(running(self.name)),
            b"show startup-config": _printed(startup(self.name)),
            b"show version": _printed(_VERSION.format(name=self.name)),
            b"show privilege": _printed("Current privilege level is 15\n"),
        }

    def answer(self, line: bytes) -> tuple[bytes, float]:
        """What a line is answered with, and after how many seconds."""
        found = self._answers.get(line)
        if found is not None:
            return found, self.slowness.seconds if line == b"show running-config" else 0.0
        known = not line or line == b"enable" or line.startswith(b"term")
        return b"" if known else _printed(_REFUSAL), 0.0


class Login(asyncssh.SSHServer):
    """A connection to a device."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        # No network device sends them, and everybody who measures would pay for reading them.
        without_fillers(conn)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return username == USERNAME and password == PASSWORD

    def session_requested(self) -> Session:
        return Session(self._device)


class Session(asyncssh.SSHServerSession[bytes]):
    """A terminal, or one command."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._typed = b""
        self._lines: list[bytes] = []
        self._waiting: asyncio.TimerHandle | None = None
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's
        self._channel = None
        if self._waiting is not None:
            self._waiting.cancel()

    def pty_requested(self, *_: object) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        self._send(b"\r\n" + self._device.prompt)

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:  # noqa: ARG002
        *lines, self._typed = _LINE_END.split(self._typed + data)
        # A carriage return at the end of one packet and a line feed at the start of the next
        # would make two lines of one: nobody sends them apart.
        self._lines += lines
        if self._waiting is None:
            self._work()

    def eof_received(self) -> bool:
        return False

    def _work(self) -> None:
        while self._lines and self._channel is not None:
            line = self._lines.pop(0).strip()
            echo = line + b"\r\n"
            if line in (b"exit", b"quit", b"logout"):
                self._send(echo)
                self._channel.exit(0)
                return
            answer, seconds = self._device.answer(line)
            if seconds > 0:
                self._send(echo)
                loop = asyncio.get_running_loop()
                self._waiting = loop.call_later(seconds, self._late, answer)
                return
            self._send(echo + answer + self._device.prompt)

    def _late(self, answer: bytes) -> None:
        self._waiting = None
        self._send(answer + self._device.prompt)
        self._work()

    def _send(self, data: bytes) -> None:
        if self._channel is not None:
            self._channel.write(data)


def _printed(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
