"""A device's command line over a terminal: one line in, its answer out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import asyncssh

from netstacks_tasks.devices.normalise import clean
from netstacks_tasks.devices.ports import HostKeys
from netstacks_tasks.devices.session_logs import asking_first
from netstacks_tasks.devices.ssh_errors import ssh_error
from netstacks_tasks.devices.ssh_session import MAX_OUTPUT_BYTES, decoded, ssh_session
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import Device, DeviceTarget

_PROMPT: Final = re.compile(
    r"(?:^|[\r\n])(?P<host>[\w.@/:+~-]{1,100})(?P<mode>\([^()\r\n]{1,80}\))?(?P<end>[>#]) ?\Z"
)
_QUESTION: Final = re.compile(
    r"(\[confirm\]|[\[(](y|yes)/(n|no)[\])]:?|password: ?|\? ?\[[^\]\r\n]*\]:?) ?\Z", re.IGNORECASE
)
_PASSWORD: Final = re.compile(r"password: ?\Z", re.IGNORECASE)
_UNKNOWN: Final = re.compile(rb"% ?Unknown command", re.IGNORECASE)
_MORE: Final = r"[ <]?-{2,3} ?more ?-{2,3}>?(?: ?\(\d+%\))? ?"
_PAGER: Final = re.compile(rf"(?:^|[\r\n]){_MORE}\Z", re.IGNORECASE)
_PAGED: Final = re.compile(rf"(?m)^{_MORE}(?:\x08+ +\x08+|\r +\r)?", re.IGNORECASE)
"""A pager's mark, and how the device wipes it away."""
_CHUNK: Final = 64 * 1024
_TAIL: Final = 512
"""Bytes from the end that a prompt, a pager or a question is looked for in."""
_QUIET_SECONDS: Final = 3.0
"""What looks like a prompt but does not follow the echo is one when nothing follows it."""
_ECHOED: Final = 40
"""Characters of a line that its echo is known by."""
_WIDTH: Final = 500


class Terminal:
    """A logged-in command line that waits at its prompt."""

    def __init__(self, device: Device, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self._device = device
        self._process = process
        self._host = ""
        self.mode = ""
        """The prompt's own word for the mode: `(config-router)`, or empty."""
        self.privileged = False

    async def send(self, line: str, *, secret: bool = False) -> str:
        """Type a line; what the device answered before its next prompt.

        Raises:
            DeviceError: it asked a question, or the connection broke.
        """
        # A question mark asks for help unless it is quoted.
        self._type(line.replace("?", "\x16?"))
        if secret:
            return await self._until_prompt()
        echo = line.partition("?")[0][:_ECHOED]
        return _without_echo(await self._until_prompt(echo=echo), echo)

    async def show(self, line: str) -> str:
        """The same of a line that changes no prompt: nothing else in the answer passes for it.

        Raises:
            DeviceError: as `send`.
        """
        self._type(line)
        return _without_echo(await self._until_prompt(echo=line, host=self._host), line)

    async def begin(self) -> str:
        """Wait for what looks like the first prompt; the greeting before it.

        A greeting may hold what looks like one, too: only the answer to the
        first line, which begins with its echo, tells what the prompt is.
        """
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
        self._type("enable")
        said = await self._until_prompt(password=True)
        if _PASSWORD.search(said):
            if secret is None:
                raise refused
            self._type(secret)
            try:
                await self._until_prompt()
            except DeviceError as error:
                raise refused from error
        if not self.privileged:
            raise refused

    def _type(self, text: str) -> None:
        try:
            self._process.stdin.write(f"{text}\n".encode())
        except (OSError, asyncssh.Error) as error:
            raise ssh_error(self._device, error, "command") from error

    async def _until_prompt(
        self, *, echo: str = "", host: str = "", greeting: bool = False, password: bool = False
    ) -> str:
        buffer = bytearray()
        paged = False
        while True:
            tail = clean(buffer[-_TAIL:].decode(errors="replace"))
            found = _prompt_in(tail, host)
            if found is not None:
                synced = found.own_line and echo.encode() in buffer
                more = b"" if synced else await self._more(_QUIET_SECONDS)
                if not more:
                    return self._at(found, buffer, paged=paged, synced=synced)
                buffer += more
                continue
            if _PAGER.search(tail):
                self._process.stdin.write(b" ")
                paged = True
            elif password and _PASSWORD.search(tail):
                return tail
            elif not greeting and not host and _QUESTION.search(tail):
                raise self._asked(tail)
            chunk = await self._more(None)
            if not chunk:
                raise self._ended(buffer)
            buffer += chunk
            if len(buffer) > MAX_OUTPUT_BYTES:
                raise DeviceError(
                    self._device.name,
                    "capture",
                    "bad_output",
                    f"more than {MAX_OUTPUT_BYTES} bytes came in answer to one line",
                )

    def _at(self, found: _Prompt, buffer: bytearray, *, paged: bool, synced: bool) -> str:
        """Note the prompt; the answer before it."""
        self.mode = found.mode
        self.privileged = found.privileged
        if synced:
            self._host = found.host
        text = decoded(bytes(buffer))
        text = clean(_PAGED.sub("", text) if paged else text)
        answer = text[: len(text) - found.width]
        return answer + "\n" * bool(answer)

    def _asked(self, tail: str) -> DeviceError:
        asked = tail.strip().splitlines()[-1]
        return DeviceError(
            self._device.name,
            "command",
            "rejected",
            f"the device asks {asked[-100:]!r}, and nobody is there to answer",
        )

    def _ended(self, buffer: bytearray) -> DeviceError:
        said = clean(decoded(bytes(buffer))).strip().splitlines()[-1:] or ["nothing"]
        return DeviceError(
            self._device.name,
            "command",
            "rejected" if _UNKNOWN.search(buffer) else "disconnected",
            f"the device ended the session and said {said[0][:100]!r}",
        )

    async def _more(self, seconds: float | None) -> bytes:
        reading = self._process.stdout.read(_CHUNK)
        try:
            return await (reading if seconds is None else asyncio.wait_for(reading, seconds))
        except TimeoutError:
            return b""
        except (OSError, asyncssh.Error) as error:
            raise ssh_error(self._device, error, "command") from error


class _Prompt(NamedTuple):
    """A prompt at the end of what came."""

    host: str
    mode: str
    privileged: bool
    width: int
    """Characters from its line's beginning to the end."""
    own_line: bool = True


def _prompt_in(tail: str, host: str) -> _Prompt | None:
    """The prompt that the text ends with: anybody's, or where `host` is given its own."""
    found = _PROMPT.search(tail)
    if found is not None and host in {"", found["host"]}:
        return _Prompt(found["host"], found["mode"] or "", found["end"] == "#", len(found[0]))
    if host and tail.removesuffix(" ").endswith((f"{host}#", f"{host}>")):
        # A text that was cut off has the prompt in its last line.
        width = len(tail) - tail.rindex(host)
        return _Prompt(host, "", tail.removesuffix(" ").endswith("#"), width, own_line=False)
    return None


def _without_echo(answer: str, echo: str) -> str:
    """What follows the line that shows what was typed; the first one where none shows it."""
    after = answer.partition(echo)[2] if echo else ""
    return (after or answer).partition("\n")[2]


@asynccontextmanager
async def terminal(
    target: DeviceTarget,
    host_keys: HostKeys,
    *,
    program: str | None = None,
    enable: bool = True,
    timeout: float,
) -> AsyncIterator[Terminal]:
    """Log in and wait at the prompt, without a pager.

    Args:
        target: where to.
        host_keys: the trusted ones.
        program: what to start where the login shell is not the command line itself.
        enable: become privileged first.
        timeout: seconds for everything, what the caller does within included.

    Raises:
        DeviceError: with the stage and the cause.
    """
    device = target.device
    secret = target.credential.enable_secret
    logged_in = False
    try:
        async with (
            asyncio.timeout(timeout),
            ssh_session(target, host_keys, timeout=timeout) as connection,
        ):
            logged_in = True
            async with _command_line(connection, device, program) as opened:
                await opened.send("terminal length 0")
                if enable:
                    await opened.enable(secret.get_secret_value() if secret else None)
                yield opened
    except DeviceError:
        raise
    except TimeoutError:
        did = "answer" if logged_in else "complete a login"
        raise DeviceTimeout(
            device.name,
            "command" if logged_in else "connect",
            f"did not {did} within {timeout:.0f} seconds",
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
        asking_first(process.channel)
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
