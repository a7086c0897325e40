"""Runs the hooks of flows whose own process was ended, each in a child as the run was."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

from prefect.client.schemas.objects import FlowRun, State

from netstacks_tasks.worker.configuration import NetstacksJobConfiguration
from netstacks_tasks.worker.messages import Hooks, Order
from netstacks_tasks.worker.run_environment import run_environment
from netstacks_tasks.worker.warm_processes import Logger, NoProcess, WarmProcesses


class ForkedHooks:
    """What Prefect calls when a run was cancelled or has crashed."""

    def __init__(
        self,
        processes: WarmProcesses,
        configuration_of: Callable[[FlowRun], Awaitable[NetstacksJobConfiguration]],
        logger: Logger,
    ) -> None:
        self._processes = processes
        self._configuration_of = configuration_of
        self._logger = logger

    async def run_cancellation_hooks(self, flow_run: FlowRun, state: State) -> None:
        if state.is_cancelling():
            await self._run("cancellation", flow_run, state)

    async def run_crashed_hooks(self, flow_run: FlowRun, state: State) -> None:
        if state.is_crashed():
            await self._run("crashed", flow_run, state)

    async def _run(
        self, kind: Literal["cancellation", "crashed"], flow_run: FlowRun, state: State
    ) -> None:
        configuration = await self._configuration_of(flow_run)
        with tempfile.TemporaryDirectory() as folder:
            order = Order.of(
                environment=run_environment(configuration.env),
                directory=Path(folder),
                shown=configuration.stream_output,
                hooks=Hooks(
                    kind=kind,
                    flow_run=flow_run.model_dump(mode="json"),
                    state=state.model_dump(mode="json"),
                ),
            )
            try:
                ended = await (await self._processes.start(order)).wait()
            except NoProcess as error:
                self._logger.warning("The %s hooks of a run were not run: %s", kind, error)
                return
        if ended.status != 0:
            self._logger.warning(
                "The %s hooks of flow run %s ended with %s.", kind, flow_run.id, ended.status
            )
