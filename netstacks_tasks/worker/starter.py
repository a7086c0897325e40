"""Starts the process of one flow run in a child of the warm parent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import anyio
import anyio.abc
from prefect.client.schemas.objects import FlowRun
from prefect.runner._control_channel import ControlChannel
from prefect.runner._process_manager import ProcessHandle, create_isolated_termination_scope

from netstacks_tasks.worker.configuration import NetstacksJobConfiguration
from netstacks_tasks.worker.messages import Order
from netstacks_tasks.worker.warm_processes import Ended, WarmProcesses


class ForkStarter:
    """Prefect's executor asks it for the process, and waits with it for the end."""

    def __init__(
        self,
        processes: WarmProcesses,
        control: ControlChannel,
        *,
        configuration: NetstacksJobConfiguration,
        environment: Mapping[str, str],
        directory: Path,
    ) -> None:
        self._processes = processes
        self._control = control
        self._configuration = configuration
        self._environment = environment
        self._directory = directory
        self.ended: Ended | None = None
        """How the process ended."""

    async def start(
        self,
        flow_run: FlowRun,
        task_status: anyio.abc.TaskStatus[ProcessHandle] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Start it, say so, and return when it has ended.

        Raises:
            NoProcess: it could not be started.
        """
        port, token = self._control.register(flow_run.id)
        try:
            child = await self._processes.start(self._order(flow_run, port, token))
        except BaseException:
            self._control.unregister(flow_run.id)
            raise
        scope = create_isolated_termination_scope(child.pid)
        # Prefect asks it for nothing but its `pid` and `returncode`.
        task_status.started(ProcessHandle(child, termination_scope=scope))  # type: ignore[arg-type]
        self.ended = await child.wait()

    def _order(self, flow_run: FlowRun, port: int, token: str) -> Order:
        own = {
            "PREFECT__FLOW_RUN_ID": str(flow_run.id),
            # The worker has them run when the process itself cannot any more.
            "PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS": "false",
            "PREFECT__CONTROL_PORT": str(port),
            "PREFECT__CONTROL_TOKEN": token,
        }
        if self._configuration.entrypoint is not None:
            own["PREFECT__FLOW_ENTRYPOINT"] = self._configuration.entrypoint
        return Order.of(
            environment={**self._environment, **own},
            directory=self._directory,
            shown=self._configuration.stream_output,
            memory_limit_mib=self._configuration.memory_limit_mib,
        )
