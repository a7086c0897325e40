"""An IOS XR device's command line and XML agent over SSH on loopback: enough to show a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape, unescape

import asyncssh

from tests.hosts.ssh_speaker import SshSpeaker

_PROMPT = "RP/0/RP0/CPU0:xr-1#"
_DISABLED = (
    "ERROR: 0x24319600 'XML-TTY' detected the 'warning' condition "
    "'The XML TTY agent has not been enabled. Use the 'xml agent tty' command.'\n"
)
ASKED = re.compile(r"<CLI><(Configuration|Exec)>(.*?)</\1></CLI>", re.DOTALL)


@dataclass
class XmlAgentDevice(SshSpeaker):
    """What the device shows, and what it was asked."""

    agent_enabled: bool = True

    async def session(self, process: asyncssh.SSHServerProcess[str]) -> None:
        """One login: the command line, which echoes, and within it the agent, which does not."""
        process.stdout.write(f"\n{_PROMPT}")
        in_agent, request = False, ""
        async for line in process.stdin:
            said = line.strip()
            if in_agent:
                request += line
                if said not in {"", "exit"} and "</Request>" not in request:
                    continue
                in_agent = said != "exit"
                answer = self.reply(request.strip()) if in_agent else ""
                request = ""
            else:
                process.stdout.write(f"{said}\n")
                if said in {"exit", "quit"}:
                    break
                in_agent, answer = self._command(said)
            process.stdout.write(f"{answer}{'XML> ' if in_agent else _PROMPT}")
        self.ended()
        process.exit(0)

    def ended(self) -> None:
        """A login is over."""

    def _command(self, said: str) -> tuple[bool, str]:
        if said:
            self.asked.append(said)
        if said == "xml":
            return (True, "") if self.agent_enabled else (False, _DISABLED)
        if not said or said.startswith("terminal "):
            return False, ""
        return False, "                 ^\n% Invalid input detected at '^' marker.\n"

    def reply(self, request: str) -> str:
        """What the agent answers."""
        if not request:
            return ""
        asked = ASKED.search(request)
        if asked is None:
            self.asked.append(request)
            return response("", errors=1)
        kind, command = asked.group(1), unescape(asked.group(2))
        self.asked.append(command)
        shown = {
            **self.outputs,
            "show running-config": self.configuration,
            "show configuration merge": self.configuration,
        }.get(command, "% Invalid input detected at '^' marker.")
        return response(f"<CLI><{kind}>{escape(shown)}</{kind}></CLI>")


def response(inner: str, errors: int = 0) -> str:
    """The agent's answer, with the number of errors in it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response MajorVersion="1" MinorVersion="0">'
        f'{inner}<ResultSummary ErrorCount="{errors}"/></Response>\n'
    )
