"""The reading processes of a run, from the run's side."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import count
from typing import Final

from netstacks_tasks.devices.ports import CapturedConfig
from netstacks_tasks.devices.reading.messages import Accepted, Cancel, Done, Read, packed, received
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import DeviceTarget, HostKey

_END_SECONDS: Final = 5.0


@asynccontextmanager
async def reading_processes(number: int) -> AsyncIterator[list[ReadingProcess]]:
    """So many of them, ended with the block."""
    async with AsyncExitStack() as exits:
        yield [await exits.enter_async_context(_running()) for _ in range(number)]


class ReadingProcess:
    """One of them, and what it was asked for."""

    def __init__(self, stream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._stream = stream
        self._writer = writer
        self._numbers = count()
        self._asked: dict[int, _Asked] = {}
        self.lives = True

    @property
    def load(self) -> int:
        """How many devices it reads at present."""
        return len(self._asked)

    async def read(
        self,
        target: DeviceTarget,
        keys: tuple[HostKey, ...],
        timeout: float,
        accepted: Callable[[], None] | None,
    ) -> CapturedConfig:
        """A device's configuration.

        Raises:
            DeviceError: as from a reader, or because the process is gone.
        """
        number = next(self._numbers)
        asked = _Asked(target.device.name, accepted)
        self._asked[number] = asked
        try:
            self._writer.write(packed(Read(number, target, keys, timeout)))
            return await asked.answer
        except asyncio.CancelledError:
            self._writer.write(packed(Cancel(number)))
            raise
        finally:
            del self._asked[number]

    async def hear(self) -> None:
        """Pass on what it tells, until it is gone."""
        with suppress(EOFError, OSError):
            while True:
                report = await received(self._stream)
                asked = self._asked.get(report.number)
                if asked is not None:
                    asked.hear(report)
        self.lives = False
        for asked in self._asked.values():
            asked.lose()

    def close(self) -> None:
        """Let it end."""
        self._writer.close()


class _Asked:
    def __init__(self, device: str, accepted: Callable[[], None] | None) -> None:
        self._device = device
        self._accepted = accepted
        self.answer: asyncio.Future[CapturedConfig] = asyncio.get_running_loop().create_future()

    def hear(self, report: object) -> None:
        if isinstance(report, Accepted):
            if self._accepted is not None:
                self._accepted()
        elif self.answer.done():
            pass
        elif isinstance(report, Done):
            self.answer.set_result(report.captured)
        else:
            self.answer.set_exception(report.error)  # type: ignore[attr-defined]

    def lose(self) -> None:
        if not self.answer.done():
            what = "the process that read it ended in the middle; the next attempt reads it again"
            self.answer.set_exception(DeviceError(self._device, "command", "internal", what))


@asynccontextmanager
async def _running() -> AsyncIterator[ReadingProcess]:
    ours, theirs = socket.socketpair()
    with theirs:
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "netstacks_tasks.devices.reading.process"),
            str(theirs.fileno()),
            stdin=asyncio.subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    process = ReadingProcess(*await asyncio.open_unix_connection(sock=ours))
    hearing = asyncio.create_task(process.hear())
    try:
        yield process
    finally:
        process.close()
        hearing.cancel()
        await asyncio.wait([hearing])
        try:
            async with asyncio.timeout(_END_SECONDS):
                await program.wait()
        except TimeoutError:
            program.send_signal(signal.SIGKILL)
            await program.wait()
