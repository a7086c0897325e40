"""An IOS XR device's command line and XML agent over SSH on loopback: enough to show a text."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, unescape

import asyncssh

_PROMPT = "RP/0/RP0/CPU0:xr-1#"
_DISABLED = (
    "ERROR: 0x24319600 'XML-TTY' detected the 'warning' condition "
    "'The XML TTY agent has not been enabled. Use the 'xml agent tty' command.'\n"
)
_ASKED = re.compile(r"<CLI><(Configuration|Exec)>(.*?)</\1></CLI>", re.DOTALL)


@dataclass
class XmlAgentDevice(asyncssh.SSHServer):
    """What the device shows, and what it was asked."""

    username: str
    password: str
    configuration: str
    agent_enabled: bool = True
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
        """One login: the command line, which echoes, and within it the agent, which does not."""
        process.stdout.write(f"\n{_PROMPT}")
        in_agent = False
        async for line in process.stdin:
            said = line.strip()
            if in_agent:
                in_agent = said != "exit"
                answer = self._reply(said) if in_agent else ""
            else:
                process.stdout.write(f"{said}\n")
                if said in {"exit", "quit"}:
                    break
                in_agent, answer = self._command(said)
            process.stdout.write(f"{answer}{'XML> ' if in_agent else _PROMPT}")
        process.exit(0)

    def _command(self, said: str) -> tuple[bool, str]:
        if said:
            self.asked.append(said)
        if said == "xml":
            return (True, "") if self.agent_enabled else (False, _DISABLED)
        if not said or said.startswith("terminal "):
            return False, ""
        return False, "                 ^\n% Invalid input detected at '^' marker.\n"

    def _reply(self, request: str) -> str:
        if not request:
            return ""
        asked = _ASKED.search(request)
        if asked is None:
            self.asked.append(request)
            return _response("", errors=1)
        kind, command = asked.group(1), unescape(asked.group(2))
        self.asked.append(command)
        shown = {
            "show running-config": self.configuration,
            "show configuration merge": self.configuration,
        }.get(command, "% Invalid input detected at '^' marker.")
        return _response(f"<CLI><{kind}>{escape(shown)}</{kind}></CLI>")


def _response(inner: str, errors: int = 0) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response MajorVersion="1" MinorVersion="0">'
        f'{inner}<ResultSummary ErrorCount="{errors}"/></Response>\n'
    )


@asynccontextmanager
async def xml_agent_device(device: XmlAgentDevice) -> AsyncIterator[XmlAgentDevice]:
    """Serve it while the block runs; its port is set then."""
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
