"""The results of a run as they come in."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.ports import Progress, Recorder, Watcher

_PAUSE_SECONDS = 0.5
_PORTION = 64


class Ledger:
    """Records each result at once, so that a killed run keeps what it got.

    While the database is away the results wait here; `settle` writes them.
    """

    def __init__(
        self,
        recorder: Recorder,
        watcher: Watcher,
        *,
        devices: int,
        redact: Callable[[str], str],
        carried: Sequence[DeviceResult] = (),
    ) -> None:
        self._recorder = recorder
        self._watcher = watcher
        self._redact = redact
        self._total = devices
        self._results: list[DeviceResult] = list(carried)
        self._going: defaultdict[DeviceId, list[DeviceResult]] = defaultdict(list)
        self._finished = {result.device_id for result in carried}
        self._failed: set[DeviceId] = set()
        self._waiting: list[DeviceResult] = []

    @property
    def results(self) -> tuple[DeviceResult, ...]:
        """Everything found so far, what was carried over included."""
        return tuple(self._results)

    async def add(self, results: Iterable[DeviceResult]) -> None:
        """Keep results, freed of secrets, and try to record them."""
        clean = [replace(found, summary=self._redact(found.summary)) for found in results]
        for result in clean:
            self._results.append(result)
            self._going[result.device_id].append(result)
            if not result.ok:
                self._failed.add(result.device_id)
        try:
            await self._recorder.record(clean)
        except NetstacksError:
            self._waiting += clean

    async def finished(self, device_id: DeviceId, name: str) -> None:
        """Say that nothing more will be done on a device."""
        self._finished.add(device_id)
        own = tuple(self._going.pop(device_id, ()))
        await self._watcher.advanced(
            Progress(
                done=len(self._finished),
                total=self._total,
                failed=len(self._failed & self._finished),
                device=name,
                results=own,
            )
        )

    async def settle(self, deadline: Deadline) -> None:
        """Record what could not be recorded yet, again and again until the deadline.

        Raises:
            NetstacksError: what the recorder raised last.
        """
        while self._waiting:
            try:
                while self._waiting:
                    await self._record_waiting()
            except NetstacksError:
                if deadline.left <= _PAUSE_SECONDS:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _record_waiting(self) -> None:
        """Record the first of those that wait, as many as a recorder may take at once."""
        portion = self._waiting[:_PORTION]
        went = await asyncio.gather(
            *(self._recorder.record([result]) for result in portion), return_exceptions=True
        )
        failures = [one for one in went if one is not None]
        self._waiting[: len(portion)] = [
            result for result, failure in zip(portion, went, strict=True) if failure is not None
        ]
        if failures:
            raise failures[0]
