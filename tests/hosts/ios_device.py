"""An IOS device that keeps a configuration: files on its flash, and an archive for going back."""

from __future__ import annotations

import difflib
import hashlib
import re
import time
from pathlib import Path

import asyncssh

from tests.hosts.ssh_speaker import SshSpeaker

_NO_FILE = "%Error opening flash:/x (No such file or directory)"


class _Flash(asyncssh.SFTPServer):
    def map_path(self, path: bytes) -> bytes:
        return super().map_path(path.removeprefix(b"flash:"))


class IosDevice(SshSpeaker):
    """What it runs is `configuration`; files come to its flash by SCP."""

    flash: Path
    server: asyncssh.SSHAcceptor
    logins = 0
    startup = ""
    archive = True
    waiting: tuple[float, str] | None = None
    """Until when the replacement must be confirmed, and what the device goes back to."""
    ahead = 0.0
    """How many seconds its clock is ahead, for a test to let time pass."""
    ignored = "no such line"
    """A line that it takes and does not have afterwards."""

    async def serve(self) -> None:
        """Serve it with a new host key, at the same port as before."""
        self.server = await asyncssh.create_server(
            lambda: self,
            "127.0.0.1",
            self.port,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            process_factory=self.session,
            sftp_factory=lambda seen: _Flash(seen, chroot=str(self.flash).encode()),
            allow_scp=True,
            line_editor=False,
        )
        self.port = self.server.get_port()

    def validate_password(self, username: str, password: str) -> bool:
        self.logins += 1
        return super().validate_password(username, password)

    async def session(self, process: asyncssh.SSHServerProcess[str]) -> None:
        """One login, enabled; it echoes."""
        configuring = False
        process.stdout.write("\nr1#")
        async for line in process.stdin:
            said = line.strip()
            await self.heard(said)
            process.stdout.write(f"{said}\n")
            if said == "exit":
                break
            if said in {"configure terminal", "end"}:
                configuring, answer = said != "end", ""
            else:
                answer = self._configure(said) if configuring else self._exec(said)
            process.stdout.write(f"{answer}\n{'r1(config)#' if configuring else 'r1#'}")
        process.exit(0)

    async def heard(self, said: str) -> None:
        """A command has come, which is not answered before this is over."""
        self.asked.append(said)

    def shown(self) -> str:
        """The running configuration."""
        if self.waiting is not None and time.monotonic() + self.ahead >= self.waiting[0]:
            self._revert()
        return self.configuration

    def _configure(self, said: str) -> str:
        if not said:
            return ""
        line = said.removeprefix("no ")
        kept = [one for one in self.shown().splitlines() if one not in {line, "end"}]
        kept += [] if said.startswith("no ") else [line]
        self.configuration = "".join(f"{one}\n" for one in [*kept, "end"])
        return ""

    def _exec(self, said: str) -> str:  # noqa: C901, PLR0911, PLR0912 - one branch per command
        shown = self.shown()
        name = said.rpartition("/")[2]
        file = self.flash / name
        if not said or said.startswith("terminal "):
            return ""
        if said in {"dir", "dir flash:"}:
            return "Directory of flash:/\n\n9000000 bytes total (8000000 bytes free)"
        if said.startswith("dir "):
            return f"Directory of flash:/{name}\n  1  {name}" if file.is_file() else _NO_FILE
        if said.startswith("verify /md5 "):
            return f"verify = {hashlib.md5(file.read_bytes()).hexdigest()}"  # noqa: S324 - IOS's
        if said.startswith("show running-config | inc "):
            wanted = said.partition("| inc ")[2]
            return "\n".join(line for line in shown.splitlines() if wanted in line)
        if said == "show running-config":
            return shown
        if said == "show archive":
            return "The maximum" if self.archive else "Archive feature not enabled"
        if said == "show archive config rollback timer":
            waits = "Time configured(UTC): 06:00\nTimer type: absolute\nTimer value: 1 min\n"
            user = f"User: {self.username}"
            return waits + user if self.waiting else "%No Rollback Confirmed Change pending"
        if said.startswith("show archive config differences "):
            lines = difflib.ndiff(shown.splitlines(), file.read_text().splitlines())
            changed = [line for line in lines if line.startswith(("+ ", "- "))]
            return "\n".join(["!Contextual Config Diffs:", *changed])
        if said.startswith("delete /force "):
            file.unlink(missing_ok=True)
            return ""
        if said.startswith("copy "):
            file.write_text(shown if "running-config" in said else "")
            return "[OK]"
        if said.startswith("configure replace "):
            return self._replace(said)
        if said == "configure confirm":
            self.waiting = None
            return ""
        if said == "configure revert now":
            self._revert()
            return "Rollback Done"
        if said == "write mem":
            self.startup = shown
            return "[OK]"
        return "% Invalid input detected at '^' marker."

    def _replace(self, said: str) -> str:
        path = re.search(r"flash:/(\S+)", said)
        timer = re.search(r"timer (\d+)", said)
        assert path is not None
        text = (self.flash / path[1]).read_text()
        if "colour blue" in text:
            return "% Invalid input: colour blue\nTotal number of passes: 0\nRollback failed"
        if timer:
            until = time.monotonic() + self.ahead + int(timer[1]) * 60
            self.waiting = (until, self.configuration)
        self.configuration = text.replace(f"{self.ignored}\n", "")
        return "Total number of passes: 1\nRollback Done"

    def _revert(self) -> None:
        assert self.waiting is not None
        self.configuration, self.waiting = self.waiting[1], None
