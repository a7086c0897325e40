"""A Junos device's NETCONF over SSH on loopback: enough of it to show a configuration."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import asyncssh

_END = "]]>]]>"
_BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
_HELLO = (
    f'<hello xmlns="{_BASE}"><capabilities>'
    "<capability>urn:ietf:params:netconf:base:1.0</capability>"
    "<capability>http://xml.juniper.net/netconf/junos/1.0</capability>"
    "</capabilities><session-id>1</session-id></hello>"
)


@dataclass
class NetconfDevice(asyncssh.SSHServer):
    """What the device shows, and what it was asked."""

    username: str
    password: str
    configuration: str
    port: int = 0
    asked: list[str] = field(default_factory=list)
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connections.append(conn)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (self.username, self.password)

    async def session(self, process: asyncssh.SSHServerProcess[str]) -> None:
        """One NETCONF session: hellos, then requests until it is closed."""
        if process.subsystem != "netconf":
            process.exit(1)
            return
        process.stdout.write(_HELLO + _END)
        try:
            await process.stdin.readuntil(_END)
            while True:
                request = await process.stdin.readuntil(_END)
                number = re.search(r'message-id="([^"]+)"', request)
                kind = re.search(r"<(?:\w+:)?rpc\b[^>]*>\s*<(?:\w+:)?([\w-]+)", request)
                name = kind.group(1) if kind else "?"
                self.asked.append(name)
                process.stdout.write(
                    f'<rpc-reply xmlns="{_BASE}" message-id="{number.group(1) if number else ""}">'
                    f"{self._reply(name)}</rpc-reply>{_END}"
                )
                if name == "close-session":
                    break
        except asyncio.IncompleteReadError:
            pass  # the client hung up
        process.exit(0)

    def _reply(self, name: str) -> str:
        if name == "get-configuration":
            return f"<configuration-text>{escape(self.configuration)}</configuration-text>"
        if name == "close-session":
            return "<ok/>"
        return (
            "<rpc-error><error-type>protocol</error-type><error-severity>error</error-severity>"
            f"<error-message>syntax error: {name}</error-message></rpc-error>"
        )


@asynccontextmanager
async def netconf_device(device: NetconfDevice) -> AsyncIterator[NetconfDevice]:
    """Serve it while the block runs; its port is set then."""
    server = await asyncssh.create_server(
        lambda: device,
        "127.0.0.1",
        0,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        process_factory=device.session,
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
