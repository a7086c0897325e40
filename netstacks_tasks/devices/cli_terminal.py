"""A device's command line over a terminal: one line in, its answer out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncssh

from netstacks_tasks.devices.normalise import clean
from netstacks_tasks.devices.ports import HostKeys
from netstacks_tasks.devices.ssh_errors import ssh_error
from netstacks_tasks.devices.ssh_session import ssh_session
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import Device, DeviceTarget

_PROMPT: Final = re.compile(
    r"(?:^|[\r\n])(?P<host>[\w.@/:+~-]{1,100})(?P<mode>\([^()\r\n]{1,80}\))?(?P<end>[>#]) ?\Z"
)
_QUESTION: Final = re.compile(
    r"(\[confirm\]|[\[(](y|yes)/(n|no)[\])]:?|password: ?|\? ?\[[^\]\r\n]*\]:?) ?\Z", re.IGNORECASE
)
_PASSWORD: Final = re.compile(r"password: ?\Z", re.IGNORECASE)
_UNKNOWN: Final = re.compile(r"% ?Unknown command", re.IGNORECASE)
_CHUNK: Final = 64 * 1024
_MOST: Final = 4 * 1024 * 1024
"""Characters of one answer."""
_QUIET_SECONDS: Final = 0.3
"""A greeting may hold what looks like a prompt; after the real one nothing comes."""
_WIDTH: Final = 500


class Terminal:
    """A logged-in command line that waits at its prompt."""

    def __init__(self, device: Device, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self._device = device
        self._process = process
        self.mode = ""
        """The prompt's own word for the mode: `(config-router)`, or empty."""
        self.privileged = False

    async def send(self, line: str, *, secret: bool = False) -> str:
        """Type a line; what the device answered before its next prompt.

        Raises:
            DeviceError: it asked a question, or the connection broke.
        """
        # A question mark asks for help unless it is quoted.
        typed = line.replace("?", "\x16?")
        try:
            self._process.stdin.write(f"{typed}\n".encode())
        except (OSError, asyncssh.Error) as error:
            raise ssh_error(self._device, error, "command") from error
        answer = await self._until_prompt()
        # The echo of what was typed is the first line.
        return answer if secret else answer.partition("\n")[2]

    async def begin(self) -> str:
        """Wait for the first prompt; the greeting before it."""
        return await self._until_prompt(greeting=True)

    async def enable(self, secret: str | None) -> None:
        """Become privileged.

        Raises:
            DeviceError: there is no secret, or it is not the right one.
        """
        if self.privileged:
            return
        refused = DeviceError(
            self._device.name,
            "prompt",
            "prompt",
            "enable was refused: check the credential's enable_secret",
        )
        self._process.stdin.write(b"enable\n")
        said = await self._until_prompt(password=True)
        if _PASSWORD.search(said):
            if secret is None:
                raise refused
            self._process.stdin.write(f"{secret}\n".encode())
            try:
                await self._until_prompt()
            except DeviceError as error:
                raise refused from error
        if not self.privileged:
            raise refused

    async def _until_prompt(self, *, greeting: bool = False, password: bool = False) -> str:
        buffer = ""
        while True:
            found = _PROMPT.search(buffer)
            if found is not None:
                more = await self._more(_QUIET_SECONDS) if greeting else ""
                if not more:
                    self.mode = found["mode"] or ""
                    self.privileged = found["end"] == "#"
                    return clean(buffer[: found.start()]) + "\n" * bool(found.start())
                buffer += more
                continue
            if password and _PASSWORD.search(buffer):
                return buffer
            if _QUESTION.search(buffer) and not greeting:
                asked = clean(buffer).strip().splitlines()[-1]
                raise DeviceError(
                    self._device.name,
                    "command",
                    "rejected",
                    f"the device asks {asked[-100:]!r}, and nobody is there to answer",
                )
            chunk = await self._more(None)
            if not chunk:
                said = clean(buffer).strip().splitlines()[-1:] or ["nothing"]
                raise DeviceError(
                    self._device.name,
                    "command",
                    "rejected" if _UNKNOWN.search(buffer) else "disconnected",
                    f"the device ended the session and said {said[0][:100]!r}",
                )
            buffer += chunk
            if len(buffer) > _MOST:
                raise DeviceError(
                    self._device.name,
                    "command",
                    "bad_output",
                    f"more than {_MOST} characters came in answer to one line",
                )

    async def _more(self, seconds: float | None) -> str:
        try:
            async with asyncio.timeout(seconds):
                data = await self._process.stdout.read(_CHUNK)
        except TimeoutError:
            return ""
        except (OSError, asyncssh.Error) as error:
            raise ssh_error(self._device, error, "command") from error
        return data.decode(errors="replace")


@asynccontextmanager
async def terminal(
    target: DeviceTarget, host_keys: HostKeys, *, program: str | None, timeout: float
) -> AsyncIterator[Terminal]:
    """Log in and wait at the privileged prompt, without a pager.

    Args:
        target: where to.
        host_keys: the trusted ones.
        program: what to start where the login shell is not the command line itself.
        timeout: seconds for everything, what the caller does within included.

    Raises:
        DeviceError: with the stage and the cause.
    """
    device = target.device
    secret = target.credential.enable_secret
    try:
        async with (
            asyncio.timeout(timeout),
            ssh_session(target, host_keys, timeout=timeout) as connection,
            _command_line(connection, device, program) as opened,
        ):
            await opened.enable(secret.get_secret_value() if secret else None)
            await opened.send("terminal length 0")
            yield opened
    except DeviceError:
        raise
    except TimeoutError:
        raise DeviceTimeout(
            device.name, "command", f"did not answer within {timeout:.0f} seconds"
        ) from None


@asynccontextmanager
async def _command_line(
    connection: asyncssh.SSHClientConnection, device: Device, program: str | None
) -> AsyncIterator[Terminal]:
    for command in dict.fromkeys((program, None)):
        try:
            process = await connection.create_process(
                command, term_type="dumb", term_size=(_WIDTH, 24), encoding=None
            )
        except (OSError, asyncssh.Error) as error:
            raise ssh_error(device, error, "command") from error
        opened = Terminal(device, process)
        try:
            await opened.begin()
        except DeviceError as error:
            process.close()
            # Where the login shell is the program it does not know its own name.
            if command is not None and error.cause == "rejected":
                continue
            raise
        try:
            yield opened
        finally:
            process.close()
        return
