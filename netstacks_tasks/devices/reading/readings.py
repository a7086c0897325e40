"""Reads configurations on one event loop, and in more processes when its core is full."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self

from netstacks_tasks.devices.host_key import trusted_keys
from netstacks_tasks.devices.ports import CapturedConfig, ConfigReader, HostKeys
from netstacks_tasks.devices.reading.processes import ReadingProcess, reading_processes
from netstacks_tasks.devices.session_readers import session_readers
from netstacks_tasks.models.inventory import DeviceTarget

_LOOK_SECONDS: Final = 1.0
_FULL: Final = 0.85
"""Of a core; the event loop has one at most."""
_LOOKS: Final = 2
"""So many in a row, or it was the beginning, when everybody logs in."""
_WORTH: Final = 2000
"""Devices left to read that make up for the start of processes: as much as some hundred cost."""
_MOST: Final = 8


class Readings:
    """The readers of a run's devices, for platforms that many sessions on a loop serve."""

    def __init__(self, host_keys: HostKeys, *, devices: int, processes: int | None) -> None:
        """Nothing is started yet.

        Args:
            host_keys: what to hold devices to.
            devices: how many there are to read.
            processes: so many from the beginning; None: when a core is full.
        """
        self._host_keys = host_keys
        self._left = devices
        self._wanted = processes
        self._processes: list[ReadingProcess] = []
        self._exits = AsyncExitStack()
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._wanted:
            await self._start(self._wanted)
        elif self._wanted is None and _cores() > 1 and self._left > _WORTH:
            self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        await self._exits.aclose()

    def readers(self) -> dict[str, ConfigReader]:
        """By platform."""
        own = session_readers(self._host_keys)
        return {platform: _Reader(self, reader) for platform, reader in own.items()}

    async def read(
        self,
        own: ConfigReader,
        target: DeviceTarget,
        timeout: float,
        accepted: Callable[[], None] | None,
    ) -> CapturedConfig:
        """Have the least busy process read; without any that lives, this one does."""
        self._left -= 1
        if self._living():
            began = time.monotonic()
            # A first key goes into the inventory, which only the run can reach.
            keys = await trusted_keys(target.device, self._host_keys, timeout=timeout)
            timeout -= time.monotonic() - began
            # One that ended meanwhile would never answer.
            if living := self._living():
                least = min(living, key=lambda one: one.load)
                return await least.read(target, keys, timeout, accepted)
        return await own.read_config(target, timeout=timeout, accepted=accepted)

    def _living(self) -> list[ReadingProcess]:
        return [one for one in self._processes if one.lives]

    async def _watch(self) -> None:
        full = 0
        while full < _LOOKS:
            used, began = time.thread_time(), time.monotonic()
            await asyncio.sleep(_LOOK_SECONDS)
            share = (time.thread_time() - used) / (time.monotonic() - began)
            full = full + 1 if share >= _FULL else 0
            if self._left < _WORTH:
                return
        await self._start(min(_cores(), _MOST))

    async def _start(self, number: int) -> None:
        self._processes = await self._exits.enter_async_context(reading_processes(number))


class _Reader:
    """The reader of a platform."""

    def __init__(self, readings: Readings, own: ConfigReader) -> None:
        self._readings = readings
        self._own = own

    async def read_config(
        self,
        target: DeviceTarget,
        *,
        timeout: float,
        accepted: Callable[[], None] | None = None,
    ) -> CapturedConfig:
        return await self._readings.read(self._own, target, timeout, accepted)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
