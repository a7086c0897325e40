"""A Cisco command line with the habits of old and odd devices."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import asyncssh

from tests.hosts.ssh_speaker import SshSpeaker

MORE = " --More-- "
WIPED = "\x08" * 9 + " " * 8 + "\x08" * 9


@dataclass
class CiscoLine(SshSpeaker):
    """What it runs is `configuration`; what its other commands print is in `outputs`."""

    banner: str = field(default="", kw_only=True)
    enable_secret: str = field(default="", kw_only=True)
    """Without one the login is privileged."""
    deaf_to_length: bool = field(default=False, kw_only=True)
    """It goes on paging whatever it is told."""
    pause: float = field(default=0.0, kw_only=True)
    """Seconds before each prompt."""
    piece: int = field(default=1 << 20, kw_only=True)
    """Bytes that it sends at a time."""

    async def session(self, process: asyncssh.SSHServerProcess[str]) -> None:
        """One login; it echoes."""
        privileged, paging = not self.enable_secret, True
        await self._say(process, self.banner)
        while True:
            await asyncio.sleep(self.pause)
            await self._say(process, f"\nr1{'#' if privileged else '>'}")
            line = (await process.stdin.readline()).strip()
            self.asked.append(line)
            await self._say(process, f"{line}\n")
            if line in {"", "exit"} and process.stdin.at_eof():
                break
            if line == "enable":
                await self._say(process, "Password: ")
                privileged = (await process.stdin.readline()).strip() == self.enable_secret
                await self._say(process, "\n" if privileged else "\n% Access denied\n")
            elif line == "terminal length 0":
                paging = self.deaf_to_length
            elif line.startswith("show "):
                answer = self._shown(line) if privileged else ""
                await self._page(process, answer or "% Invalid input\n", paging=paging)
        process.exit(0)

    def _shown(self, line: str) -> str:
        return self.configuration if line == "show running-config" else self.outputs.get(line, "")

    async def _page(
        self, process: asyncssh.SSHServerProcess[str], text: str, *, paging: bool
    ) -> None:
        lines = text.splitlines(keepends=True)
        while paging and len(lines) > 20:
            await self._say(process, "".join(lines[:20]) + MORE)
            lines = lines[20:]
            while await process.stdin.read(1) != " ":
                pass
            await self._say(process, WIPED)
        await self._say(process, "".join(lines))

    async def _say(self, process: asyncssh.SSHServerProcess[str], text: str) -> None:
        text = text.replace("\n", "\r\n")
        for start in range(0, len(text), self.piece):
            process.stdout.write(text[start : start + self.piece])
            if self.piece < len(text):
                # Else one packet takes all of it.
                await asyncio.sleep(0.001)
