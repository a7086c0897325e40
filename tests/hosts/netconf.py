"""A Junos device's NETCONF over SSH on loopback: enough of it to show a configuration."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from xml.sax.saxutils import escape, unescape

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
                request = Request.read(await process.stdin.readuntil(_END))
                self.asked.append(request.command or request.name)
                answer = await self.answer(request, process)
                process.stdout.write(
                    f'<rpc-reply xmlns="{_BASE}" message-id="{request.number}">{answer}'
                    f"</rpc-reply>{_END}"
                )
                if request.name == "close-session":
                    break
        except (asyncio.IncompleteReadError, BrokenPipeError):
            pass  # the client hung up
        finally:
            self.ended(process)
        process.exit(0)

    async def answer(self, request: Request, holder: object) -> str:  # noqa: ARG002 - for others
        """What comes back for a request of the session that `holder` stands for."""
        # A pipe is not for NETCONF: what follows it is passed over.
        shown = self.outputs.get(request.command.partition("|")[0].strip())
        if shown is not None:
            return f"<output>{escape(shown)}</output>"
        if request.name == "get-configuration":
            return f"<configuration-text>{escape(self.configuration)}</configuration-text>"
        if request.name == "close-session":
            return "<ok/>"
        return refusal(f"syntax error: {request.name}")

    def ended(self, holder: object) -> None:
        """The session is over."""


@dataclass(frozen=True)
class Request:
    """What one request asks for."""

    number: str
    name: str
    text: str

    @classmethod
    def read(cls, text: str) -> Request:
        """Take a request apart, as far as these devices understand any."""
        number = re.search(r'message-id="([^"]+)"', text)
        kind = re.search(r"<(?:\w+:)?rpc\b[^>]*>\s*<(?:\w+:)?([\w-]+)", text)
        return cls(number[1] if number else "", kind[1] if kind else "?", text)

    @property
    def command(self) -> str:
        """The command line of a request that has one."""
        return self.within("command")

    def within(self, tag: str) -> str:
        """The text in an element."""
        found = re.search(rf"<(?:\w+:)?{tag}\b[^>]*>([^<]*)<", self.text)
        return unescape(found[1]) if found else ""

    def attribute(self, name: str) -> str:
        """An attribute of the element that names the request."""
        found = re.search(rf'<(?:\w+:)?{self.name}\b[^>]*\b{name}="([^"]*)"', self.text)
        return found[1] if found else ""


def refusal(message: str, *, element: str = "", path: str = "") -> str:
    """What a request gets that is not done."""
    info = f"<error-info><bad-element>{escape(element)}</bad-element></error-info>"
    return (
        "<rpc-error><error-type>protocol</error-type><error-tag>operation-failed</error-tag>"
        f"<error-severity>error</error-severity>{f'<error-path>{path}</error-path>' * bool(path)}"
        f"<error-message>{escape(message)}</error-message>{info * bool(element)}</rpc-error>"
    )
