"""Starts a script, hands on what it prints, and leaves nothing of it behind."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from netstacks_tasks import guard
from netstacks_tasks.ending import to_its_end
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.operations.script.isolation import SEARCH_PATH, Isolation
from netstacks_tasks.operations.script.limits import ScriptLimits
from netstacks_tasks.operations.script.output import Output, Said
from netstacks_tasks.operations.script.reasons import exit_reason
from netstacks_tasks.operations.script.usage import folder_usage
from netstacks_tasks.operations.script.watch import overuse
from netstacks_tasks.operations.script.workspace import USER, Workspace

_POLITE_SECONDS: Final = 3.0
"""Between SIGTERM and SIGKILL; less for a script of less than a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptEnd:
    """How a script ended."""

    exit_code: int | None
    """128 + the signal it died of; None when it was ended for `fault`."""
    fault: str = ""
    """Why it failed; empty when it did not."""
    timed_out: bool = False
    stdout: str = ""
    """The last lines, as they were handed on."""
    stderr: str = ""


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

    It gets `PATH`, `HOME`, `USER`, `TMPDIR`, `LANG` and the variables that name
    the files of its workspace; no other variable. Cancelled, or with its starter
    killed, it is ended with everything it started, double forks included.

    Args:
        argv: the interpreter, the script's path, its arguments.
        place: where; holds its files already.
        isolation: as whom, behind which walls.
        seconds: then it is ended.
        said: is told every line as it appears, redacted.
        redact: hides secrets in a line.
        credential: whether the workspace holds a credential file.
        limits: what it may use.

    Raises:
        ConfigurationError: this machine starts no process.
    """
    allowed = limits or ScriptLimits()
    plan = _plan(argv, place, isolation, allowed, seconds, credential=credential)
    given = folder_usage(place.folder).bytes
    read_end, write_end = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", guard.__file__, "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": SEARCH_PATH},
            cwd="/",
            pass_fds=(write_end,),
            start_new_session=True,
        )
    except OSError as error:
        os.close(read_end)
        raise ConfigurationError(
            f"no process can be started for the script: {error.strerror}; free memory, or lower "
            "the worker's limit of runs"
        ) from error
    except BaseException:
        os.close(read_end)
        raise
    finally:
        os.close(write_end)
    # Not an argument: one of those may hold 128 KiB and is seen by all users.
    assert process.stdin is not None  # noqa: S101 - a pipe was asked for
    process.stdin.write(json.dumps(plan | {"output": write_end}).encode() + b"\n")
    output = Output(allowed.output_kib * 1024, said, redact)
    watched = partial(overuse, process.pid, place.folder, allowed, given=given)
    return await _watched(process, read_end, output, seconds, allowed, watched)


async def _watched(
    process: asyncio.subprocess.Process,
    read_end: int,
    output: Output,
    seconds: float,
    limits: ScriptLimits,
    overused: Callable[[], Awaitable[str]],
) -> ScriptEnd:
    assert process.stderr is not None  # noqa: S101 - a pipe was asked for
    loop = asyncio.get_running_loop()
    printed = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(printed), os.fdopen(read_end, "rb")
    )
    followers = [
        asyncio.ensure_future(output.follow(printed, "stdout")),
        asyncio.ensure_future(output.follow(process.stderr, "stderr")),
    ]
    ending = asyncio.ensure_future(process.wait())
    flooding = asyncio.ensure_future(output.too_much.wait())
    overusing = asyncio.ensure_future(overused())
    waited = {ending, flooding, overusing}
    ended = ""
    timed_out = False
    try:
        await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if output.too_much.is_set():
            ended = f"it printed more than {limits.output_kib} KiB (max_output_kib)"
        elif overusing.done():
            ended = overusing.result()
        elif not ending.done():
            timed_out = True
            ended = f"it was still running after {seconds:.0f} seconds"
    finally:
        flooding.cancel()
        overusing.cancel()
        # Its guard sees the pipe close and ends all of it; that is waited for
        # also when this is cancelled.
        await to_its_end(_end(process, followers))
        transport.close()
    return _told(process.returncode, ended, output, limits, timed_out=timed_out)


def _told(
    exit_code: int | None, ended: str, output: Output, limits: ScriptLimits, *, timed_out: bool
) -> ScriptEnd:
    stderr = output.tail("stderr")
    if exit_code is not None and exit_code < 0:
        exit_code = 128 - exit_code  # its guard itself was killed
    fault = f"{ended}, and was ended" if ended else ""
    if not ended and exit_code:
        fault = exit_reason(exit_code, stderr, limits)
    return ScriptEnd(
        exit_code=None if ended else exit_code,
        fault=fault,
        timed_out=timed_out,
        stdout=output.tail("stdout"),
        stderr=stderr,
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
        "USER": USER,
        "LOGNAME": USER,
        "TMPDIR": str(place.temporary),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "NETSTACKS_DEVICES": str(place.devices),
        "NETSTACKS_KNOWN_HOSTS": str(place.known_hosts),
        "NETSTACKS_RESULTS": str(place.results),
        "NETSTACKS_ARTIFACTS": str(place.artifacts),
    }
    if credential:
        environment["NETSTACKS_CREDENTIAL"] = str(place.credential)
    plan: dict[str, object] = {
        "argv": isolation.wrapped(argv, place),
        "env": environment,
        "cwd": str(place.folder),
        "limits": limits.resources(seconds, own_user=isolation.uid is not None),
        "confined": True,
        "signals": [["SIGTERM", min(_POLITE_SECONDS, seconds / 20)]],
        "starter": os.getpid(),
        "abandoned": str(place.outer),
    }
    if isolation.uid is not None:
        plan |= {"uid": isolation.uid, "gid": isolation.uid}
    return plan
