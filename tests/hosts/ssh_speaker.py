"""What the devices that are spoken to over SSH on loopback share: a login, and a port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import asyncssh


@dataclass
class SshSpeaker(asyncssh.SSHServer):
    """A device with one user; what it says in a session is its own."""

    username: str
    password: str
    configuration: str
    port: int = field(default=0, kw_only=True)
    outputs: dict[str, str] = field(default_factory=dict, kw_only=True)
    """What its show commands print."""
    asked: list[str] = field(default_factory=list, kw_only=True)
    """What it was asked, in order."""
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list, kw_only=True)

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connections.append(conn)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (self.username, self.password)

    async def session(self, process: asyncssh.SSHServerProcess[str]) -> None:
        """One session, until it is over."""
        raise NotImplementedError


Speaker = TypeVar("Speaker", bound=SshSpeaker)


@asynccontextmanager
async def speaking(device: Speaker) -> AsyncIterator[Speaker]:
    """Serve a device, with a fresh host key, while the block runs; its port is set then."""
    server = await asyncssh.create_server(
        lambda: device,
        "127.0.0.1",
        0,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        process_factory=device.session,
        line_editor=False,
    )
    device.port = server.get_port()
    try:
        yield device
    finally:
        server.close()
        for connection in device.connections:
            connection.abort()
            await connection.wait_closed()
        await server.wait_closed()
