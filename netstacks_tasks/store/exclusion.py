"""One run of a task at a time, told apart from a run whose process is gone.

Every run holds two advisory locks of PostgreSQL in a session of its own: one
named by its task, which keeps other runs out, and one named by itself, which
says that its process lives. Both vanish with the session, hence with the
process, however it ended.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final, Self

from netstacks_tasks.ending import stopped
from netstacks_tasks.errors import StoreUnavailable, TaskBusy
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store.connecting import answered
from netstacks_tasks.store.lock_session import LockSession, alive_runs, holders

__all__ = ["TaskLock", "alive_runs", "holders"]

logger = logging.getLogger(__name__)

_POLL_SECONDS: Final = 0.5
_KEEP_ALIVE_SECONDS: Final = 1.0
_RECONNECT_SECONDS: Final = 0.5
_GRACE_SECONDS: Final = 5.0
"""After an outage who held the lock comes first; others wait this long."""
_SILENCE_SECONDS: Final = 15.0
"""The server frees the locks of a machine it has not heard of for 25 s (see `connecting`). Who
hears nothing of the server stops well before: the network may be cut between the two alone."""


class TaskLock:
    """The lock of a task, held by a run.

    Example:
        ```python
        async with TaskLock(url, task_id, run_id):
            ...  # alone; cancelled and left with TaskBusy if the lock is lost
        ```
    """

    def __init__(self, url: str, task_id: TaskId, run_id: RunId) -> None:
        self.task_id = task_id
        self.run_id = run_id
        self.lost = asyncio.Event()
        """Set when another run has the lock, or may have it by now."""
        self.lost_because = ""
        self._session = LockSession(url, task_id, run_id)
        self._keeper: asyncio.Task[None] | None = None
        self._body: asyncio.Task[object] | None = None
        self._cancelled_body = False
        self._heard = 0
        """Signs of the server so far."""

    async def __aenter__(self) -> Self:
        self._body = asyncio.current_task()
        try:
            await self.acquire()
        except BaseException:
            await self.release()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        body, self._body = self._body, None
        cancelled = kind is not None and issubclass(kind, asyncio.CancelledError)
        try:
            await self.release()
        except asyncio.CancelledError:
            if not self._cancelled_body:
                raise
            cancelled = True
        if not self._cancelled_body or body is None:
            return
        # Ours may not be the only request to cancel: another one goes on.
        others = body.uncancel()
        if others == 0 and (kind is None or cancelled):
            raise self._busy()
        if cancelled and kind is None:
            raise asyncio.CancelledError

    @property
    def held(self) -> bool:
        """Whether this run may work; stays true over a short outage of the database."""
        return self._keeper is not None and not self.lost.is_set()

    async def try_acquire(self) -> bool:
        """Take the lock if it is free.

        False: another run holds it, or the server has just started and whoever
        held it before comes first. This run is nevertheless known to live from
        here on, until `release`.

        Raises:
            StoreUnavailable: PostgreSQL cannot be reached.
        """
        if self.held:
            return True
        if not self._session.open:
            await self._session.connect()
        if not await self._session.settled(_GRACE_SECONDS) or not await self._session.try_take():
            return False
        self._keep()
        return True

    async def acquire(self) -> None:
        """Wait until the lock is this run's; an outage of PostgreSQL is waited out.

        Raises:
            StoreUnavailable: PostgreSQL cannot be reached from the start.
        """
        if self.held:
            return
        if not self._session.open:
            await self._session.connect()
        told: object = None
        while True:
            try:
                if await self._session.settled(_GRACE_SECONDS) and await self._session.try_take():
                    break
                holder = await self._session.holder()
                if holder is not None and holder != told:
                    logger.info(
                        "waiting for task %s: %s holds its lock",
                        self.task_id,
                        holder,
                        extra=self._extra("lock_waits"),
                    )
                    told = holder
            except StoreUnavailable as error:
                logger.warning(
                    "waiting for task %s and for PostgreSQL: %s",
                    self.task_id,
                    error,
                    extra=self._extra("lock_waits"),
                )
                await self._reconnect()
            await asyncio.sleep(_POLL_SECONDS)
        self._keep()

    async def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        keeper, self._keeper = self._keeper, None
        try:
            if keeper is not None:
                keeper.cancel()
                await asyncio.wait([keeper])
        finally:
            await self._session.close()

    def _keep(self) -> None:
        self.lost.clear()
        self._cancelled_body = False
        name = f"lock of {self.task_id}"
        self._keeper = asyncio.create_task(self._keep_alive(), name=name)

    async def _keep_alive(self) -> None:
        """Keep the locks until they are lost; say so then."""
        staying = asyncio.create_task(self._stay())
        try:
            # Not left to whoever waits for an answer: the driver alone takes ten seconds to give
            # one up. In turns, not by the clock: a process that was suspended asks first.
            turns, heard = 0, self._heard
            while not staying.done() and turns * _KEEP_ALIVE_SECONDS < _SILENCE_SECONDS:
                await asyncio.wait({staying}, timeout=_KEEP_ALIVE_SECONDS)
                turns, heard = (turns + 1 if heard == self._heard else 0), self._heard
            self._lose(
                staying.result()
                if staying.done()
                else f"PostgreSQL has not been heard of for {_SILENCE_SECONDS:.0f} s: another run "
                f"of task {self.task_id} may have its lock by now"
            )
        finally:
            await stopped(staying)

    async def _stay(self) -> str:
        """Notice a lost session and take the locks again; why they cannot be had any more."""
        while True:
            await asyncio.sleep(_KEEP_ALIVE_SECONDS)
            try:
                await self._session.ping()
                self._heard += 1
                continue
            except StoreUnavailable as error:
                logger.warning(
                    "task %s: the session that holds its lock broke: %s",
                    self.task_id,
                    error,
                    extra=self._extra("lock_session_lost"),
                )
                self._heard += answered(error)
            if lost_because := await self._retake():
                return lost_because
            logger.info(
                "task %s: holds its lock again", self.task_id, extra=self._extra("lock_retaken")
            )

    async def _retake(self) -> str:
        """Take the locks anew.

        Returns:
            why they cannot be had; empty when they are.
        """
        connected = False
        while True:
            try:
                if not connected:
                    await self._session.connect()
                    connected = True
                taken = await self._session.try_take()
                self._heard += 1
                if taken:
                    return ""
                holder = await self._session.holder()
                # Our own former session may not have been noticed as dead yet.
                if holder is not None and holder.run_id not in {None, self.run_id}:
                    return (
                        f"another run of task {self.task_id} took its lock while PostgreSQL was "
                        "away"
                    )
            except StoreUnavailable as error:
                connected = False
                self._heard += answered(error)
            await asyncio.sleep(_POLL_SECONDS)

    async def _reconnect(self) -> None:
        while True:
            try:
                await self._session.connect()
            except StoreUnavailable:
                await asyncio.sleep(_RECONNECT_SECONDS)
            else:
                break
        await asyncio.sleep(_GRACE_SECONDS)

    def _lose(self, because: str) -> None:
        logger.error("%s; this run stops", because, extra=self._extra("lock_lost"))
        self.lost_because = because
        self.lost.set()
        if self._body is not None:
            self._cancelled_body = True
            self._body.cancel()

    def _busy(self) -> TaskBusy:
        return TaskBusy(
            f"{self.lost_because}; run {self.run_id} was stopped so that the two do not work at "
            "once"
        )

    def _extra(self, action: str) -> dict[str, str]:
        return {"action": action, "task_id": str(self.task_id), "run_id": str(self.run_id)}
