"""How a worker learns of runs: it is told, and looks for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol
from uuid import UUID

import anyio
from prefect.client.schemas.responses import WorkerFlowRunResponse

from netstacks_tasks.worker.announced import Announced
from netstacks_tasks.worker.announcements import Announcement
from netstacks_tasks.worker.due_runs import DueRuns
from netstacks_tasks.worker.warm_processes import Logger

_PAUSE_SECONDS = 0.05
"""Between two looks: announcements come in bursts."""
_AGAIN_SECONDS = 5.0
"""After a look for cancelled runs in vain."""


class Runs(Protocol):
    """What the server and the worker know of runs."""

    async def ready(self) -> Sequence[WorkerFlowRunResponse]:
        """Those that are due, or will be soon."""
        ...

    async def to_be_cancelled(self, run_ids: Collection[UUID]) -> Sequence[UUID]: ...

    def under_way(self) -> set[UUID]:
        """Those that this worker has started, or is about to."""
        ...

    def cancel(self, run_id: UUID) -> None: ...


class Noticing:
    """Keeps what is due up to date, and passes cancellations on."""

    def __init__(self, runs: Runs, logger: Logger) -> None:
        self._runs = runs
        self._logger = logger
        self._announced = Announced()
        self._looking = asyncio.Lock()
        self._told = asyncio.Event()
        self._missed = False
        """Something may have been announced to nobody."""
        self._again: set[UUID] = set()
        """Runs that were ready to begin while they were under way still."""
        self.due = DueRuns()
        self.stir = asyncio.Event()
        """What is due, or the slots for it, may be other than before."""

    def heard(self, announcement: Announcement | None) -> None:
        """Take note of an announcement; None: some may have been missed."""
        if announcement is None:
            self._missed = True
        elif announcement.cancelling:
            self._runs.cancel(announcement.run_id)
            return
        else:
            self._announced.add(announcement.run_id)
        self._told.set()

    def ended(self, run_id: UUID) -> None:
        """A run is not under way any more; one that is to be retried may have been seen before."""
        if run_id in self._again:
            self._told.set()

    def look_again(self) -> None:
        """There may be something new."""
        self._told.set()

    async def look(self) -> None:
        """Ask the server what is ready."""
        async with self._looking:
            found = await self._runs.ready()
            ids = {entry.flow_run.id for entry in found}
            self._announced.found(ids)
            under_way = self._runs.under_way()
            self._again = ids & under_way
            self.due.replace(found, except_for=under_way)
        self.stir.set()

    async def look_when_told(self, may_start: Callable[[], bool]) -> None:
        """Look whenever there is reason to, for ever.

        Args:
            may_start: whether new runs are wanted; without, only cancellations are looked for.
        """
        while True:
            with anyio.move_on_after(self._patience()):
                await self._told.wait()
            self._told.clear()
            await self._quietly(self._look_for_cancelled)
            if may_start():
                await self._quietly(self.look)
            await anyio.sleep(_PAUSE_SECONDS)

    def _patience(self) -> float | None:
        """Seconds until the next look if nothing is told; None: there is no reason for one."""
        again = _AGAIN_SECONDS if self._missed else None
        return min((one for one in (self._announced.pause, again) if one is not None), default=None)

    async def _look_for_cancelled(self) -> None:
        if not self._missed:
            return
        for run_id in await self._runs.to_be_cancelled(self._runs.under_way()):
            self._runs.cancel(run_id)
        self._missed = False

    async def _quietly(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:
            # The regular look says so if it lasts.
            self._logger.debug("Looked in vain: %s", type(error).__name__)
