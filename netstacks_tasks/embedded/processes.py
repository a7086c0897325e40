"""Supervised programs: started, waited for, restarted when they die, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from netstacks_tasks import guard
from netstacks_tasks.embedded.accounts import Account
from netstacks_tasks.errors import ConfigurationError

logger = logging.getLogger(__name__)

LOG_BYTES_KEPT = 20_000_000
_TAIL_LINES = 15
_STEADY_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run and how to know that it works."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    """The whole environment; secrets may travel here, never in `argv`."""
    log: Path
    ready: Callable[[], Awaitable[bool]]
    """Asked until it says yes; an exception is a bug, not a no."""
    start_timeout: float
    """Seconds."""
    advice: str
    """What a person can do when it does not start."""
    stop_signals: Sequence[tuple[str, float]] = (("SIGTERM", 20.0),)
    """Signals and the seconds to wait after each; SIGKILL follows."""
    cwd: Path
    account: Account | None = None


def log_tail(path: Path, lines: int = _TAIL_LINES) -> str:
    """The last lines of a log, indented."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 20_000))
            text = file.read().decode(errors="replace")
    except OSError as error:
        return f"  (no log: {error})"
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (nothing logged)"


class SupervisedProcess:
    """One program, kept running between `start` and `stop`."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.pid: int | None = None
        """The program's own pid while it runs."""
        self.restarts = 0
        self._guard: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready.

        Raises:
            ConfigurationError: it ended or never became ready; holds the tail
                of its log and the advice.
        """
        await self._spawn()
        try:
            await self._until_ready()
        except BaseException:
            await self.stop()
            raise
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.program.name}")

    async def stop(self) -> None:
        """Stop it and everything it started; returns when all of it is gone."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
            self._keeper = None
        running, self._guard, self.pid = self._guard, None, None
        if running is None:
            return
        _close_input(running)
        await asyncio.shield(running.wait())

    def kill(self) -> None:
        """End the program without ceremony; its guard then clears up what it left."""
        if self._keeper is not None:
            self._keeper.cancel()
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def _spawn(self) -> None:
        program = self.program
        plan = {"argv": list(program.argv), "signals": list(program.stop_signals)}
        if program.account is not None:
            plan |= {"uid": program.account.uid, "gid": program.account.gid}
        with _opened_log(program.log) as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                "-S",
                guard.__file__,
                json.dumps(plan),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=dict(program.env),
                cwd=program.cwd,
                start_new_session=True,
            )
        self._guard = process
        first = await process.stdout.readline() if process.stdout is not None else b""
        self.pid = int(first) if first.strip() else None
        logger.debug("%s started", program.name, extra={"action": "start", "pid": self.pid})

    async def _until_ready(self) -> None:
        program, running = self.program, self._guard
        deadline = time.monotonic() + program.start_timeout
        pause = 0.05
        while True:
            ended = running is None or running.returncode is not None
            if not ended and await program.ready():
                return
            if ended or time.monotonic() > deadline:
                what = "ended at once" if ended else f"not ready after {program.start_timeout:g} s"
                raise ConfigurationError(
                    f"{program.name} did not start ({what}). {program.advice}\n"
                    f"The end of {program.log}:\n{log_tail(program.log)}"
                )
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    async def _keep(self) -> None:
        """Start it again, with growing pauses, whenever it ends."""
        pause = 0.5
        while self._guard is not None:
            began = time.monotonic()
            code = await self._guard.wait()
            _close_input(self._guard)
            self.pid = None
            if time.monotonic() - began > _STEADY_SECONDS:
                pause = 0.5
            logger.warning(
                "%s ended (exit code %d); starting it again in %g s",
                self.program.name,
                code,
                pause,
                extra={"action": "restart"},
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            self.restarts += 1
            try:
                await self._spawn()
            except OSError as error:
                # No process or no memory to be had just now: the next round tries again.
                logger.warning("%s cannot be started: %s", self.program.name, error)


def _close_input(process: asyncio.subprocess.Process) -> None:
    """Tell the guard to stop; also frees the pipe of a guard that ended."""
    if process.stdin is not None:
        process.stdin.close()


@contextlib.contextmanager
def _opened_log(path: Path) -> Iterator[BinaryIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES_KEPT:
        path.replace(path.with_name(path.name + ".1"))
    with path.open("ab") as file:
        yield file
