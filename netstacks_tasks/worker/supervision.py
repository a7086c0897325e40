"""What Prefect's executor works with: the processes of a worker's runs, and who may end them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self
from uuid import UUID

import anyio
import anyio.abc
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from prefect.runner._cancellation_manager import CancellationManager
from prefect.runner._control_channel import ControlChannel
from prefect.runner._event_emitter import EventEmitter
from prefect.runner._flow_run_executor import FlowRunExecutor, ProcessStarter
from prefect.runner._process_manager import ProcessManager
from prefect.runner._state_proposer import StateProposer

from netstacks_tasks.worker.exact_end import ExactEnd
from netstacks_tasks.worker.hooks import ForkedHooks
from netstacks_tasks.worker.stopping import stop_run
from netstacks_tasks.worker.warm_processes import Logger

_AGAIN_SECONDS = 5.0
"""After a cancellation that failed."""


class Supervision:
    """Lasts as long as the worker; a context manager, to be left when no run is under way.

    Prefect's process worker has one for each run, with a connection of its own
    for news of cancellations. Here the worker hears of them, and says so.
    """

    def __init__(
        self, name: str, hooks: ForkedHooks, logger: Logger, try_again: Callable[[], None]
    ) -> None:
        """For a worker.

        Args:
            name: the worker's.
            hooks: runs those of flows.
            logger: told what went wrong.
            try_again: called when a run could not be cancelled, that it be looked for once more.
        """
        self._name = name
        self._hooks = hooks
        self._logger = logger
        self._try_again = try_again
        self._parts = AsyncExitStack()
        self._cancelling: set[UUID] = set()
        self.put_off: set[UUID] = set()
        """Runs whose process ended badly and that are to be retried."""

    async def __aenter__(self) -> Self:
        enter = self._parts.enter_async_context
        self.client: PrefectClient = await enter(get_client())
        self.processes = await enter(ProcessManager(on_remove=self._removed))
        events = await enter(EventEmitter(runner_name=self._name, client=self.client))
        self.control = await enter(ControlChannel())
        self._cancellations = CancellationManager(
            process_manager=self.processes,
            hook_runner=self._hooks,
            state_proposer=StateProposer(client=self.client),
            event_emitter=events,
            client=self.client,
            control_channel=self.control,
        )
        self._group: anyio.abc.TaskGroup = await enter(anyio.create_task_group())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._parts.__aexit__(kind, error, trace)

    def executor(
        self, flow_run: FlowRun, starter: ProcessStarter, words: Callable[[], str | None]
    ) -> FlowRunExecutor:
        """What starts a run's process, waits for its end and tells Prefect of a bad one.

        Args:
            flow_run: the run.
            starter: starts the process.
            words: how it ended, once it has; None: in Prefect's words.
        """
        return FlowRunExecutor(
            flow_run=flow_run,
            starter=starter,
            process_manager=self.processes,
            state_proposer=ExactEnd(self.client, words, self.put_off),
            hook_runner=self._hooks,
            get_attempt_conclusion=self.control.get_conclusion,
            propose_submitting=False,
        )

    def cancel(self, run_id: UUID) -> bool:
        """Have a run end that is to be cancelled; False when it has no process here."""
        if self.processes.get(run_id) is None:
            return False
        if run_id not in self._cancelling:
            self._cancelling.add(run_id)
            self._group.start_soon(self.guarded, self._cancellations.cancel_by_id, run_id)
        return True

    async def guarded(self, cancel: Callable[[UUID], Awaitable[None]], run_id: UUID) -> None:
        """Cancel a run; an error would end the task group, and with it every run of this worker."""
        try:
            await cancel(run_id)
        except ObjectNotFound:
            self._logger.warning("Flow run '%s' was deleted: its process is ended", run_id)
            await self.processes.kill(run_id)
        except Exception as error:
            self._logger.warning(
                "Flow run '%s' could not be cancelled, and will be tried again: %s",
                run_id,
                type(error).__name__,
            )
            await anyio.sleep(_AGAIN_SECONDS)
            self._cancelling.discard(run_id)
            self._try_again()

    async def stop(self, run_id: UUID, seconds: float) -> None:
        """End a run because the worker ends; see `stop_run`."""
        await stop_run(
            run_id,
            client=self.client,
            control=self.control,
            processes=self.processes,
            seconds=seconds,
        )

    async def to_be_cancelled(self, run_ids: Collection[UUID]) -> list[UUID]:
        """Those of some runs that somebody has asked to cancel."""
        if not run_ids:
            return []
        found = await self.client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                id=FlowRunFilterId(any_=list(run_ids)),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CANCELLING])),
            )
        )
        return [run.id for run in found]

    async def _removed(self, run_id: UUID) -> None:
        self.control.unregister(run_id)
        self._cancelling.discard(run_id)
