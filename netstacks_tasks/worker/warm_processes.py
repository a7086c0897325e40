"""The warm parent as the worker sees it: asks for children, hears of their ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeAlias

from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.worker.messages import Order, Report

Logger: TypeAlias = logging.Logger | logging.LoggerAdapter[Any]

_LEAVE_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_MOST_BYTES = 1 << 20


class NoProcess(NetstacksError):
    """A process for a flow run could not be started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a child ended."""

    status: int | None
    """Its exit code; negative: the signal that ended it; None: nobody was there to see."""
    cpu_seconds: float = 0.0
    memory_kib: int = 0


class Child:
    """A process for an order: being started, running, or over."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[int] = loop.create_future()
        """Its process id."""
        self.ended: asyncio.Future[Ended] = loop.create_future()

    @property
    def pid(self) -> int:
        return self.started.result()

    @property
    def returncode(self) -> int | None:
        """As of a process of asyncio's; an end that nobody saw is not taken for a good one."""
        if not self.ended.done():
            return None
        status = self.ended.result().status
        return 1 if status is None else status

    async def wait(self) -> Ended:
        """How it ended, once it has."""
        return await asyncio.shield(self.ended)


class WarmProcesses:
    """Keeps a warm parent, and starts children from it."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._starting = asyncio.Lock()
        self._number = 0
        self._children: dict[int, Child] = {}
        """By the number of their order, until their end is known."""
        self._looking: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int | None:
        """Of the warm parent, while there is one."""
        return None if self._process is None else self._process.pid

    async def __aenter__(self) -> Self:
        await self._launch()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the warm parent; it ends when the last child has."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LEAVE_SECONDS):
                    await process.wait()
        tasks = [task for task in (self._reading, *self._looking) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def start(self, order: Order) -> Child:
        """Start a child; the order gets a number of its own.

        Raises:
            NoProcess: with the reason.
        """
        process = await self._when_ready()
        self._number += 1
        number = self._number
        child = self._children[number] = Child()
        assert process.stdin is not None  # noqa: S101 - it was asked for
        try:
            process.stdin.write(order.model_copy(update={"number": number}).line())
            await process.stdin.drain()
            await asyncio.shield(child.started)
        except OSError as error:
            self._children.pop(number, None)
            raise NoProcess(f"the process that starts flow runs is gone: {error}") from error
        return child

    async def _launch(self) -> None:
        self._ready.clear()
        output = os.dup(1)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "netstacks_tasks.worker.warm_parent", str(output)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_MOST_BYTES,
                # A Ctrl-C is for the worker, which lets the runs end.
                start_new_session=True,
                pass_fds=(output,),
            )
        finally:
            os.close(output)
        self._reading = asyncio.create_task(self._read(self._process), name="warm parent")

    async def _when_ready(self) -> asyncio.subprocess.Process:
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self._launch()
            process, reading = self._process, self._reading
            assert process is not None and reading is not None  # noqa: PT018, S101 - just launched
            ready = asyncio.create_task(self._ready.wait())
            await asyncio.wait([ready, reading], return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if not self._ready.is_set():
                raise NoProcess(
                    "the process that starts flow runs did not come up; "
                    "the worker's output says why"
                )
        return process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        async for line in process.stdout:
            self._heard(Report.model_validate_json(line))
        await process.wait()
        if self._ready.is_set() and self._process is not None:
            self._logger.warning(
                "The process that starts flow runs ended with %s; another one takes its place.",
                process.returncode,
            )
        self._left_alone()

    def _heard(self, report: Report) -> None:
        if report.number == 0:
            self._ready.set()
            return
        child = self._children[report.number]
        if report.error is not None:
            del self._children[report.number]
            child.started.set_exception(NoProcess(report.error))
        elif report.pid is not None:
            child.started.set_result(report.pid)
        else:
            del self._children[report.number]
            child.ended.set_result(
                Ended(
                    status=report.status,
                    cpu_seconds=report.cpu_seconds,
                    memory_kib=report.memory_kib,
                )
            )

    def _left_alone(self) -> None:
        """The parent is gone: its children go on, and are looked at from here."""
        children, self._children = self._children, {}
        for child in children.values():
            if not child.started.done():
                child.started.set_exception(NoProcess("the process that starts flow runs ended"))
                continue
            task = asyncio.create_task(_look(child))
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)


async def _look(child: Child) -> None:
    with contextlib.suppress(ProcessLookupError):
        while True:
            os.kill(child.pid, 0)
            await asyncio.sleep(_LOOK_SECONDS)
    child.ended.set_result(Ended(status=None))
