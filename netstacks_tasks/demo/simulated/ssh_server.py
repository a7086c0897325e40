"""The SSH server of one simulated device."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Final, Protocol

import asyncssh

from netstacks_tasks.demo.simulated.demo_secrets import write_private
from netstacks_tasks.demo.simulated.device import SimulatedDevice
from netstacks_tasks.demo.simulated.faults import FaultKind
from netstacks_tasks.demo.simulated.ios_cli import IosCli
from netstacks_tasks.demo.simulated.linux_cli import LinuxCli
from netstacks_tasks.demo.simulated.session import HangUp, Session
from netstacks_tasks.demo.simulated.terminal import Terminal

_OBSOLETE_KEX: Final = ("diffie-hellman-group1-sha1",)
_KEY_FILE: Final = "host_key"


class CommandLine(Protocol):
    """What a login talks to."""

    async def interact(self) -> None: ...

    async def execute(self, command: str) -> int: ...


class DeviceSshServer:
    """Listens for one device; reacts to the faults that concern the listener."""

    def __init__(self, device: SimulatedDevice, host: str, port: int) -> None:
        self._device = device
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._key = _persistent_key(device.directory / _KEY_FILE)
        self.host = host
        self.port = port
        """The port asked for until `open`, the real one afterwards."""

    async def open(self) -> None:
        """Listen; raises OSError when the port is taken."""
        faults = self._device.faults
        if "down" in faults:
            return
        key = self._key
        if "host_key" in faults:
            key = asyncssh.generate_private_key("ssh-ed25519")
        self._acceptor = await asyncssh.listen(
            self.host,
            self.port,
            server_factory=lambda: _Login(self._device, self._connections),
            server_host_keys=[key],
            kex_algs=_OBSOLETE_KEX if "kex" in faults else (),
            encoding="utf-8",
            errors="replace",
            line_editor=False,
            reuse_address=True,
            allow_scp=False,
            agent_forwarding=False,
            x11_forwarding=False,
        )
        self.port = self._acceptor.get_port()

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._acceptor:
            self._acceptor.close()
            await self._acceptor.wait_closed()
            self._acceptor = None
        connections = list(self._connections)
        for connection in connections:
            connection.abort()
        for connection in connections:
            with contextlib.suppress(OSError, asyncssh.Error):
                await connection.wait_closed()


def _persistent_key(path: Path) -> asyncssh.SSHKey:
    if path.exists():
        return asyncssh.read_private_key(path)
    key = asyncssh.generate_private_key("ssh-ed25519", comment="demo host key")
    write_private(path, key.export_private_key("openssh").decode())
    return key


class _Login(asyncssh.SSHServer):
    """Authentication on one connection."""

    def __init__(
        self, device: SimulatedDevice, connections: set[asyncssh.SSHServerConnection]
    ) -> None:
        self._device = device
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None
        self._struck: tuple[frozenset[FaultKind], float] | None = None
        self._username = ""
        device.counts.connections += 1

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._connection:
            self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        self._username = username
        self._faults()
        if self._connection and self._device.family == "ios":
            self._connection.send_auth_banner("Authorised access only\r\n")
        return True

    def _faults(self) -> frozenset[FaultKind]:
        if self._struck is None:
            self._struck = self._device.strike()
        return self._struck[0]

    def password_auth_supported(self) -> bool:
        return self._device.credential.password is not None or "password" in self._faults()

    def validate_password(self, username: str, password: str) -> bool:
        expected = self._device.credential.password
        accepted = (
            expected is not None
            and username == self._device.credential.username
            and password == expected.get_secret_value()
            and "password" not in self._faults()
        )
        self._count(accepted=accepted)
        return accepted

    def public_key_auth_supported(self) -> bool:
        return self._device.credential.private_key is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        own = self._device.credential.private_key
        accepted = (
            own is not None
            and username == self._device.credential.username
            and key.public_data == asyncssh.import_private_key(own.get_secret_value()).public_data
            and "password" not in self._faults()
        )
        if not accepted:
            self._count(accepted=False)
        return accepted

    def auth_completed(self) -> None:
        self._device.counts.logins += 1

    def _count(self, *, accepted: bool) -> None:
        if not accepted:
            self._device.counts.refused_logins += 1

    def session_requested(self) -> asyncssh.SSHServerSession[str]:
        struck = self._struck or (frozenset(), 0.0)
        return _Channel(self._device, self._username, *struck)


class _Channel(asyncssh.SSHServerSession[str]):
    """One shell or exec request."""

    def __init__(
        self,
        device: SimulatedDevice,
        username: str,
        faults: frozenset[FaultKind],
        latency: float,
    ) -> None:
        self._device = device
        self._username = username
        self._faults = faults
        self._latency = latency
        self._tty = False
        self._command: str | None = None
        self._channel: asyncssh.SSHServerChannel[str] | None = None
        self._terminal: Terminal | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[str]) -> None:
        self._channel = chan

    def pty_requested(self, *_terminal: object) -> bool:
        self._tty = True
        return True

    def shell_requested(self) -> bool:
        # A device without a terminal still echoes, as network devices do.
        self._tty = self._tty or self._device.family == "ios"
        return True

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def session_started(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: str, _datatype: asyncssh.DataType) -> None:
        if self._terminal:
            self._terminal.feed(data)

    def eof_received(self) -> bool:
        if self._terminal:
            self._terminal.feed_eof()
        return True  # the answer still goes out

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._task:
            self._task.cancel()

    async def _serve(self) -> None:
        channel = self._channel
        assert channel is not None  # noqa: S101 - a session starts on a channel
        self._terminal = Terminal(channel.write, tty=self._tty, send_error=channel.write_stderr)
        session = Session(self._device, self._terminal, self._username, self._faults, self._latency)
        line: CommandLine = IosCli(session) if self._device.family == "ios" else LinuxCli(session)
        try:
            if self._command is None:
                await line.interact()
                status = 0
            else:
                status = await line.execute(self._command)
            channel.exit(status)
        except HangUp:
            channel.get_connection().abort()
        except (BrokenPipeError, asyncssh.Error):
            return  # the client left while we wrote
