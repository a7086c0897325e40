"""The service that keeps Prefect and the task table together."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from prefect.client.orchestration import PrefectClient

from netstacks_tasks.errors import NetstacksError, StoreUnavailable, SyncError
from netstacks_tasks.metrics.sync_rounds import ROUNDS
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.catalogue import Catalogue, load
from netstacks_tasks.sync.desired import Surroundings
from netstacks_tasks.sync.flow_runs import FlowRuns
from netstacks_tasks.sync.incarnation import Incarnation
from netstacks_tasks.sync.janitor import Janitor, Patience
from netstacks_tasks.sync.mended import tell_mended
from netstacks_tasks.sync.missed_times import MissedTimes
from netstacks_tasks.sync.patrol import Patrol
from netstacks_tasks.sync.prefect_errors import open_client
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.reconcile import sync
from netstacks_tasks.sync.report import Progress
from netstacks_tasks.sync.run_states import RunStates

logger = logging.getLogger(__name__)

Holders = Callable[[], Awaitable[Collection[RunId]]]
Changes = Callable[[], AsyncIterator[TaskId | None]]

_DEBOUNCE = 0.05
_BACKOFF = (1.0, 2.0, 5.0, 10.0)
_MISSED_EVERY = 15.0
_TELL_EVERY = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """How the service works; times in seconds."""

    work_pool: str = "netstacks"
    full_check_every: float = 300
    """How long a round over all deployments takes; longer from 1,500 tasks on."""
    feedback_every: float = 2
    catalogue: Catalogue | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)


async def watch(
    db: Database,
    api_url: str,
    *,
    changes: Changes,
    holders: Holders,
    options: WatchOptions | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Run until `stop` is set or SIGTERM or SIGINT comes.

    Outlives every outage of Prefect and of PostgreSQL.

    Args:
        db: the task table.
        api_url: Prefect's API.
        changes: the ids of edited tasks as they are announced; None for "some
            may have been missed".
        holders: the runs whose process is known to live, by their locks.
        options: intervals and names.
        stop: ends it; without one, signals do.
    """
    chosen = options or WatchOptions()
    async with open_client(api_url) as client:
        await _Watch(db, PrefectGateway(client), client, changes, holders, chosen).run(stop)


class _Watch:
    """The loops, and what they tell each other."""

    def __init__(
        self,
        db: Database,
        gateway: PrefectGateway,
        client: PrefectClient,
        changes: Changes,
        holders: Holders,
        options: WatchOptions,
    ) -> None:
        self._db = db
        self._gateway = gateway
        self._client = client
        self._changes = changes
        self._holders = holders
        self._options = options
        self._patrol = Patrol(db, gateway)
        self._wake = asyncio.Event()
        self._wake.set()

    async def run(self, stop: asyncio.Event | None) -> None:
        async with _stop_event(stop) as stopped:
            loops = [
                asyncio.create_task(loop, name=name)
                for name, loop in (
                    ("listen", self._forever("listen", self._listen, 1)),
                    ("patrol", self._forever("patrol", self._patrol_once, 0)),
                    ("sync", self._forever("sync", self._sync_once, 0)),
                    ("feedback", self._feedback()),
                )
            ]
            waiter = asyncio.create_task(stopped.wait())
            logger.info("watching the task table", extra={"action": "watch_started"})
            try:
                done, _ = await asyncio.wait([*loops, waiter], return_when=asyncio.FIRST_COMPLETED)
                for task in done - {waiter}:
                    task.result()
            finally:
                for task in (*loops, waiter):
                    task.cancel()
                await asyncio.gather(*loops, waiter, return_exceptions=True)
                logger.info("stopped", extra={"action": "watch_stopped"})

    async def _forever(self, name: str, once: Callable[[], Awaitable[None]], pause: float) -> None:
        """Again and again; slower while it fails."""
        failures = 0
        ROUNDS.begin(name)
        while True:
            try:
                await once()
            except NetstacksError as error:
                ROUNDS.failed(name)
                wait = _BACKOFF[min(failures, len(_BACKOFF) - 1)]
                failures += 1
                logger.warning(
                    "%s failed, again in %g s: %s",
                    name,
                    wait,
                    error,
                    extra={"action": f"{name}_failed", "failures": failures},
                )
                await asyncio.sleep(wait)
            else:
                if failures:
                    extra = {"action": f"{name}_recovered", "failures": failures}
                    logger.info("%s works again", name, extra=extra)
                failures = 0
                ROUNDS.succeeded(name)
                await asyncio.sleep(pause)

    async def _listen(self) -> None:
        # An edit is marked in its row, whoever listened meanwhile.
        self._wake.set()
        async for _ in self._changes():
            self._wake.set()

    async def _sync_once(self) -> None:
        await self._wake.wait()
        await asyncio.sleep(_DEBOUNCE)
        self._wake.clear()
        told = _Told()
        try:
            await sync(
                self._db,
                self._gateway,
                catalogue=self._options.catalogue,
                work_pool=self._options.work_pool,
                environment=self._options.environment,
                on_progress=told.progress,
            )
        except (StoreUnavailable, SyncError):
            self._wake.set()
            raise

    async def _patrol_once(self) -> None:
        options = self._options
        surroundings = Surroundings(
            catalogue=options.catalogue if options.catalogue is not None else load(),
            installation=await task_rows.installation(self._db),
            work_pool=options.work_pool,
            environment=options.environment,
        )
        await self._patrol.step(surroundings, self._wake.set)
        await self._patrol.rest(options.full_check_every)

    async def _feedback(self) -> None:
        loop = asyncio.get_running_loop()
        next_missed = up_before = 0.0
        state: tuple[RunStates, Janitor, MissedTimes] | None = None
        incarnation = Incarnation(self._db)

        async def once() -> None:
            nonlocal next_missed, state, up_before
            if await incarnation.is_another():
                logger.warning(
                    "the database is an older or another one than before: comparing all of it",
                    extra={"action": "database_replaced"},
                )
                self._patrol.hurry()
                self._wake.set()
                state = None
            if state is None:
                state = await self._observers()
            states, janitor, missed = state
            try:
                open_runs = await states.refresh()
                held = await self._holders()
                up = (await task_rows.fetch(self._db, "postgres_uptime"))[0]["seconds"]
                if up < up_before:
                    # With it went every lock; they have their time to be taken again.
                    janitor.forget()
                up_before = up
                await tell_mended(self._db, await janitor.tidy(open_runs, held))
                if up >= self._options.patience.unlocked.total_seconds():
                    await states.forgotten.close(held, self._options.patience.unknown)
                if loop.time() >= next_missed:
                    await missed.check()
                    next_missed = loop.time() + _MISSED_EVERY
            except NetstacksError:
                janitor.forget()
                raise

        await self._forever("feedback", once, self._options.feedback_every)

    async def _observers(self) -> tuple[RunStates, Janitor, MissedTimes]:
        flow_runs = FlowRuns(self._client, await task_rows.installation(self._db))
        janitor = Janitor(flow_runs, self._options.patience)
        return RunStates(self._db, flow_runs), janitor, MissedTimes(self._db, flow_runs)


class _Told:
    """Tells the log how far a long sync is."""

    def __init__(self) -> None:
        self._began = self._last = time.monotonic()

    def progress(self, progress: Progress) -> None:
        now = time.monotonic()
        finished = progress.done >= progress.total
        if now - (self._began if finished else self._last) < _TELL_EVERY:
            return
        self._last = now
        rate = progress.done / (now - self._began)
        logger.info(
            "%d of %d tasks synced, %.1f a second, about %d s to go",
            progress.done,
            progress.total,
            rate,
            (progress.total - progress.done) / rate,
            extra={"action": "sync_progress"},
        )


@asynccontextmanager
async def _stop_event(given: asyncio.Event | None) -> AsyncIterator[asyncio.Event]:
    """The caller's event, or one that SIGTERM and SIGINT set."""
    if given is not None:
        yield given
        return
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
