"""Starts a script, hands on what it prints, and leaves nothing of it behind."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from netstacks_tasks import guard
from netstacks_tasks.operations.script.isolation import SEARCH_PATH, Isolation
from netstacks_tasks.operations.script.workspace import Workspace

Stream = Literal["stdout", "stderr"]
Said = Callable[[Stream, str], None]

_MEBIBYTE: Final = 1024 * 1024
_LONGEST_LINE: Final = 8192
_TAIL_LINES: Final = 200
_POLITE_SECONDS: Final = 3.0
"""Between SIGTERM and SIGKILL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLimits:
    """What a script may use; each process of it, where the kernel counts so."""

    memory_bytes: int = 1024 * _MEBIBYTE
    open_files: int = 256
    file_bytes: int = 64 * _MEBIBYTE
    """Of one file it writes."""
    processes: int = 128
    """At once; counted only where the script has a user of its own."""
    output_bytes: int = 4 * _MEBIBYTE
    """Of what it prints; one that prints more is ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptEnd:
    """How a script ended."""

    exit_code: int | None
    """128 + the signal it died of; None when it was ended for `fault`."""
    fault: str = ""
    timed_out: bool = False
    stdout: str = ""
    """The last lines, as they were handed on."""
    stderr: str = ""


@dataclass(slots=True)
class _Output:
    most: int
    said: Said
    total: int = 0
    tails: dict[Stream, deque[str]] = field(
        default_factory=lambda: {
            "stdout": deque(maxlen=_TAIL_LINES),
            "stderr": deque(maxlen=_TAIL_LINES),
        }
    )
    too_much: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(
        self, reader: asyncio.StreamReader, stream: Stream, redact: Callable[[str], str]
    ) -> None:
        """Hand on lines as they come; a secret is hidden before a line is cut."""
        rest = b""
        while chunk := await reader.read(65536):
            self.total += len(chunk)
            if self.total > self.most:
                self.too_much.set()
                continue  # what it prints until it is dead is read and dropped
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > 16 * _LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._line(stream, redact(line.decode(errors="replace")))
        if rest:
            self._line(stream, redact(rest.decode(errors="replace")))

    def _line(self, stream: Stream, line: str) -> None:
        text = line.rstrip("\r")
        if len(text) > _LONGEST_LINE:
            text = text[:_LONGEST_LINE] + "…"
        self.tails[stream].append(text)
        self.said(stream, text)

    def tail(self, stream: Stream) -> str:
        return "\n".join(self.tails[stream])


async def run_script(
    argv: Sequence[str],
    place: Workspace,
    isolation: Isolation,
    *,
    seconds: float,
    said: Said,
    redact: Callable[[str], str],
    credential: bool,
    limits: ScriptLimits | None = None,
) -> ScriptEnd:
    """Run a command in a workspace; when this returns nothing of it is left.

    It gets `PATH`, `HOME`, `TMPDIR`, `LANG`, `NETSTACKS_DEVICES`,
    `NETSTACKS_ARTIFACTS` and, with a credential, `NETSTACKS_CREDENTIAL`; no
    other variable. Cancelled, or with its starter killed, it is ended with
    everything it started, double forks included.

    Args:
        argv: the interpreter, the script's path, its arguments.
        place: where; holds its files already.
        isolation: as whom, behind which walls.
        seconds: then it is ended.
        said: is told every line as it appears, redacted.
        redact: hides secrets in a line.
        credential: whether the workspace holds a credential file.
        limits: what it may use.
    """
    allowed = limits or ScriptLimits()
    read_end, write_end = os.pipe()
    try:
        plan = _plan(argv, place, isolation, allowed, seconds, credential=credential)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", guard.__file__),
            json.dumps(plan | {"output": write_end}),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": SEARCH_PATH},
            cwd="/",
            pass_fds=(write_end,),
            start_new_session=True,
        )
    except BaseException:
        os.close(read_end)
        raise
    finally:
        os.close(write_end)
    return await _watch(process, read_end, _Output(allowed.output_bytes, said), redact, seconds)


async def _watch(
    process: asyncio.subprocess.Process,
    read_end: int,
    output: _Output,
    redact: Callable[[str], str],
    seconds: float,
) -> ScriptEnd:
    assert process.stderr is not None  # noqa: S101 - a pipe was asked for
    loop = asyncio.get_running_loop()
    printed = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(printed), os.fdopen(read_end, "rb")
    )
    followers = [
        asyncio.ensure_future(output.follow(printed, "stdout", redact)),
        asyncio.ensure_future(output.follow(process.stderr, "stderr", redact)),
    ]
    ending = asyncio.ensure_future(process.wait())
    flooding = asyncio.ensure_future(output.too_much.wait())
    fault = ""
    timed_out = False
    try:
        await asyncio.wait({ending, flooding}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if output.too_much.is_set():
            fault = f"it printed more than {output.most} bytes, and was ended"
        elif not ending.done():
            timed_out = True
            fault = f"it was still running after {seconds:.0f} seconds, and was ended"
    finally:
        flooding.cancel()
        # Its guard sees the pipe close and ends all of it; that is waited for
        # also when this is cancelled.
        await asyncio.shield(_end(process, followers))
        transport.close()
    return ScriptEnd(
        exit_code=None if fault else process.returncode,
        fault=fault,
        timed_out=timed_out,
        stdout=output.tail("stdout"),
        stderr=output.tail("stderr"),
    )


async def _end(
    process: asyncio.subprocess.Process, followers: Sequence[asyncio.Future[None]]
) -> None:
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    await process.wait()
    await asyncio.gather(*followers, return_exceptions=True)


def _plan(
    argv: Sequence[str],
    place: Workspace,
    isolation: Isolation,
    limits: ScriptLimits,
    seconds: float,
    *,
    credential: bool,
) -> dict[str, object]:
    environment = {
        "PATH": SEARCH_PATH,
        "HOME": str(place.folder),
        "TMPDIR": str(place.folder / "tmp"),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "NETSTACKS_DEVICES": str(place.devices),
        "NETSTACKS_ARTIFACTS": str(place.artifacts),
    }
    if credential:
        environment["NETSTACKS_CREDENTIAL"] = str(place.credential)
    caps = {
        "RLIMIT_AS": limits.memory_bytes,
        "RLIMIT_CPU": max(1, int(seconds)),
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_CORE": 0,
    }
    if isolation.uid is not None:
        caps["RLIMIT_NPROC"] = limits.processes
    plan: dict[str, object] = {
        "argv": isolation.wrapped(argv, place.folder),
        "env": environment,
        "cwd": str(place.folder),
        "limits": caps,
        "confined": True,
        "signals": [["SIGTERM", _POLITE_SECONDS]],
    }
    if isolation.uid is not None:
        plan |= {"uid": isolation.uid, "gid": isolation.uid}
    return plan
