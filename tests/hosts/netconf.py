"""A Junos device's NETCONF over SSH on loopback: enough of it to show a configuration."""

from __future__ import annotations

import asyncio
import re
from xml.sax.saxutils import escape

import asyncssh

from tests.hosts.ssh_speaker import SshSpeaker

_END = "]]>]]>"
_BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
_HELLO = (
    f'<hello xmlns="{_BASE}"><capabilities>'
    "<capability>urn:ietf:params:netconf:base:1.0</capability>"
    "<capability>http://xml.juniper.net/netconf/junos/1.0</capability>"
    "</capabilities><session-id>1</session-id></hello>"
)


class NetconfDevice(SshSpeaker):
    """What the device shows, and what it was asked."""

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
                command = re.search(r"<(?:\w+:)?command\b[^>]*>([^<]*)<", request)
                said = command.group(1) if command else ""
                self.asked.append(said or name)
                process.stdout.write(
                    f'<rpc-reply xmlns="{_BASE}" message-id="{number.group(1) if number else ""}">'
                    f"{self._reply(name, said)}</rpc-reply>{_END}"
                )
                if name == "close-session":
                    break
        except asyncio.IncompleteReadError:
            pass  # the client hung up
        process.exit(0)

    def _reply(self, name: str, command: str) -> str:
        # A pipe is not for NETCONF: what follows it is passed over.
        shown = self.outputs.get(command.partition("|")[0].strip())
        if shown is not None:
            return f"<output>{escape(shown)}</output>"
        if name == "get-configuration":
            return f"<configuration-text>{escape(self.configuration)}</configuration-text>"
        if name == "close-session":
            return "<ok/>"
        return (
            "<rpc-error><error-type>protocol</error-type><error-severity>error</error-severity>"
            f"<error-message>syntax error: {name}</error-message></rpc-error>"
        )
