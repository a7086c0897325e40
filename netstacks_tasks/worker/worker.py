"""The worker type `netstacks`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import anyio
import anyio.abc
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.exceptions import InfrastructureNotFound
from prefect.settings import PREFECT_WORKER_QUERY_SECONDS
from prefect.workers.base import BaseWorker, BaseWorkerResult

from netstacks_tasks import private_memory
from netstacks_tasks.metrics.listener import shown_beside
from netstacks_tasks.settings import load_settings
from netstacks_tasks.sync.desired import task_of
from netstacks_tasks.worker import announcements
from netstacks_tasks.worker.away import server_was_away
from netstacks_tasks.worker.configuration import NetstacksJobConfiguration, NetstacksVariables
from netstacks_tasks.worker.draining import Draining
from netstacks_tasks.worker.endings import OutOfMemoryKills
from netstacks_tasks.worker.execution import Execution
from netstacks_tasks.worker.exposed import exposed
from netstacks_tasks.worker.hooks import ForkedHooks
from netstacks_tasks.worker.noticing import Noticing
from netstacks_tasks.worker.supervision import Supervision
from netstacks_tasks.worker.warm_processes import WarmProcesses

_LOOKS_AHEAD = 2
"""How many of its regular looks a run is known before its time."""
_RECORD_SECONDS = 10.0
"""For what is told the server about runs that were ended."""
_LOOK_SECONDS = 0.2


class NetstacksWorkerResult(BaseWorkerResult):
    """How the process of a flow run ended."""


class NetstacksWorker(
    BaseWorker[NetstacksJobConfiguration, NetstacksVariables, NetstacksWorkerResult]
):
    """Runs each flow in a child of a process that has imported everything.

    A run is noticed when the server announces it, at the latest by the regular
    look, and starts when it is due and a slot is free.
    """

    type = "netstacks"
    job_configuration = NetstacksJobConfiguration
    job_configuration_variables = NetstacksVariables
    _display_name = "NetStacks"
    _description = (
        "Runs flows in children of a process that has imported everything: they start at once, "
        "and each still has a process of its own."
    )

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - Prefect's own
        super().__init__(*given, **named)
        # Held here until they are due: to know them early costs nothing.
        ahead = _LOOKS_AHEAD * PREFECT_WORKER_QUERY_SECONDS.value() + 1
        self._prefetch_seconds = max(self._prefetch_seconds, ahead)
        self._settings = load_settings()
        self._noticing = Noticing(self, self._logger)
        self._synced = asyncio.Event()
        """The work pool is known."""
        self._draining = Draining()
        self._executing: set[UUID] = set()
        self._ended = asyncio.Event()
        self._once = False
        self._held = asyncio.Event()
        self._released = asyncio.Event()
        self._kills = OutOfMemoryKills()

    async def setup(self) -> None:
        """Prepare to run; the warm parent comes up meanwhile."""
        private_memory.keep()
        self._holding = asyncio.create_task(self._hold(), name="what runs need")
        held = asyncio.create_task(self._held.wait())
        await asyncio.wait([held, self._holding], return_when=asyncio.FIRST_COMPLETED)
        held.cancel()
        try:
            if self._holding.done():
                self._holding.result()
            await super().setup()
        except BaseException:
            await self._let_go()
            raise

    async def teardown(self, *exc_info: Any) -> None:  # noqa: ANN401 - Prefect's own
        """Wait for the runs, or after an error end them, and let go of everything."""
        try:
            await super().teardown(*exc_info)
        finally:
            await self._let_go()

    async def _hold(self) -> None:
        """Keep what the runs need; in a task of its own, which no cancelled scope reaches."""
        async with WarmProcesses(self._logger) as self._processes:
            hooks = ForkedHooks(self._processes, self._configuration_of, self._logger)
            again = partial(self._noticing.heard, None)
            async with Supervision(self.name, hooks, self._logger, again) as self._supervision:
                self._held.set()
                await self._released.wait()

    async def _let_go(self) -> None:
        self._released.set()
        with anyio.CancelScope(shield=True):
            await asyncio.wait([self._holding])

    async def start(
        self,
        run_once: bool = False,
        with_healthcheck: bool = False,
        printer: Callable[..., None] = print,
    ) -> None:
        """Work until a signal says to end, or once through what is due now."""
        self._once = run_once
        if self._settings.log_format == "json":
            printer = self._logger.info
        if run_once:
            await super().start(run_once, with_healthcheck, printer)
            return
        with self._draining.following_signals():
            async with (
                shown_beside(self._settings, exposed(self)),
                anyio.create_task_group() as group,
            ):
                for work in (self._dispatch, self._listen, self._look_when_told):
                    group.start_soon(work)
                group.start_soon(self._drain, group.cancel_scope, printer)
                await super().start(run_once, with_healthcheck, printer)
        printer(f"Worker {self.name!r} stopped!")

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """The regular look at the server; what is due is started by `_dispatch`."""
        if self._has_successfully_synced and self._may_start():
            await self._noticing.look()
        self._last_polled_time = datetime.now(UTC)
        if not self._once:
            return []
        due = self._noticing.due.take(datetime.now(UTC))
        return await self._submit_scheduled_flow_runs(flow_run_response=due)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: NetstacksJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> NetstacksWorkerResult:
        """Run a flow run to its end, in a process of its own."""
        execution = Execution(self._processes, self._supervision, self._kills, self._logger)
        status = task_status or anyio.TASK_STATUS_IGNORED
        pid, status_code = await execution.run(flow_run, configuration, status)
        if flow_run.id in self._supervision.put_off:
            # Prefect's part of the worker would end the run for it.
            self._supervision.put_off.discard(flow_run.id)
            status_code = 0
        return NetstacksWorkerResult(status_code=status_code, identifier=str(pid))

    async def kill_infrastructure(
        self,
        infrastructure_pid: str,
        configuration: NetstacksJobConfiguration,  # noqa: ARG002 - Prefect's own
        grace_seconds: int = 30,
    ) -> None:
        """End the process group of a run.

        Raises:
            InfrastructureNotFound: it is none of this worker's, or gone.
        """
        manager = self._supervision.processes
        for run_id in manager.flow_run_ids():
            handle = manager.get(run_id)
            if handle is not None and str(handle.pid) == infrastructure_pid:
                await manager.kill(run_id, grace_seconds)
                return
        raise InfrastructureNotFound(f"no process {infrastructure_pid} of a flow run is here")

    async def _configuration_of(self, flow_run: FlowRun) -> NetstacksJobConfiguration:
        found = await self.job_configuration.resolve_for_flow_run(
            flow_run,
            client=self.client,
            work_pool=self.work_pool,
            worker_name=self.name,
            worker_id=self.backend_id,
        )
        assert isinstance(found, NetstacksJobConfiguration)  # noqa: S101 - a method of its class
        return found

    async def _submit_run_and_capture_errors(
        self, flow_run: FlowRun, task_status: anyio.abc.TaskStatus[int | Exception] | None = None
    ) -> BaseWorkerResult | Exception:
        self._executing.add(flow_run.id)
        try:
            return await super()._submit_run_and_capture_errors(flow_run, task_status)
        finally:
            self._executing.discard(flow_run.id)
            self._ended.set()
            self._noticing.ended(flow_run.id)
            if self._work_pool is not None and self._work_pool.concurrency_limit is not None:
                # The server had kept back what was beyond the limit.
                self._noticing.look_again()

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Begin a run; where the server cannot be asked, this worker ends no other for it."""
        try:
            await super()._submit_run(flow_run)
        except Exception as error:
            self._logger.warning(
                "Flow run '%s' did not begin, and is looked for again: %s",
                flow_run.id,
                type(error).__name__,
            )
            self._release_limit_slot(flow_run.id)
            self._submitting_flow_run_ids.discard(flow_run.id)

    async def _propose_crashed_state(
        self, flow_run: FlowRun, message: str, client: PrefectClient | None = None
    ) -> None:
        """Say that a run is over; not that of a task which could not begin without the server."""
        # Prefect's part calls this while it handles what went wrong.
        if server_was_away(sys.exc_info()[1]) and task_of(flow_run.tags) is not None:
            self._logger.warning(
                "Flow run '%s' did not begin, and the sync has it begin anew: Prefect's server "
                "was away",
                flow_run.id,
            )
            return
        await super()._propose_crashed_state(flow_run, message, client)

    def _release_limit_slot(self, flow_run_id: UUID) -> None:
        super()._release_limit_slot(flow_run_id)
        self._noticing.stir.set()

    async def _initialize_after_sync(self) -> None:
        await super()._initialize_after_sync()
        if self._work_pool is not None:
            self._synced.set()

    async def ready(self) -> list[WorkerFlowRunResponse]:
        """The runs that the server has for this worker, now and soon."""
        return await self._get_scheduled_flow_runs()

    async def to_be_cancelled(self, run_ids: Collection[UUID]) -> list[UUID]:
        """Those of some runs that somebody has asked to cancel."""
        return await self._supervision.to_be_cancelled(run_ids)

    def under_way(self) -> set[UUID]:
        """The runs that were started, or are about to be."""
        return self._submitting_flow_run_ids | self._executing

    @property
    def limit(self) -> int | None:
        """How many runs at once; None: any number."""
        return self._limit

    def cancel(self, run_id: UUID) -> None:
        """End a run of this worker; one without a process never gets any."""
        ended = self._supervision.cancel(run_id)
        if not ended and run_id in self.under_way() and self._runs_task_group is not None:
            guarded = self._supervision.guarded
            self._runs_task_group.start_soon(guarded, self._cancel_run, run_id)

    async def _setup_cancellation_observer(self) -> None:
        """Cancellations are announced with everything else."""

    def _may_start(self) -> bool:
        return not self._draining.begun.is_set()

    async def _listen(self) -> None:
        await self._synced.wait()
        await announcements.listen(self.work_pool.id, self._noticing.heard, self._logger)

    async def _look_when_told(self) -> None:
        await self._synced.wait()
        await self._noticing.look_when_told(self._may_start)

    async def _dispatch(self) -> None:
        """Start runs when they are due."""
        await self._synced.wait()
        noticing = self._noticing
        while self._may_start():
            noticing.stir.clear()
            now = datetime.now(UTC)
            free = None if self._limiter is None else int(self._limiter.available_tokens)
            due = noticing.due.take(now, free)
            await self._submit_scheduled_flow_runs(flow_run_response=due)
            waits = None if free is not None and len(due) == free else noticing.due.until_next(now)
            with anyio.move_on_after(waits):
                await noticing.stir.wait()

    def _is_idle(self) -> bool:
        return not self.under_way()

    async def _drain(self, working: anyio.CancelScope, printer: Callable[..., None]) -> None:
        """End the work once a signal asks for it."""
        await self._draining.begun.wait()
        seconds = self._settings.worker_drain_seconds
        if not self._is_idle():
            printer(
                f"No new runs; those under way have {seconds:g} s. Told to end again, they are "
                "ended at once."
            )
        if not await self._draining.until_over(self._is_idle, self._ended, seconds):
            await self._end_runs()
        working.cancel()

    async def _end_runs(self) -> None:
        supervision, seconds = self._supervision, self._settings.worker_end_seconds
        told: set[UUID] = set()
        async with anyio.create_task_group() as group:
            with anyio.move_on_after(seconds + _RECORD_SECONDS):
                while not self._is_idle():
                    # One that was about to begin gets its process meanwhile.
                    for run_id in supervision.processes.flow_run_ids() - told:
                        told.add(run_id)
                        group.start_soon(supervision.stop, run_id, seconds)
                    self._ended.clear()
                    with anyio.move_on_after(_LOOK_SECONDS):
                        await self._ended.wait()
