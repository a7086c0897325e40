"""One flow run in a process of its own, from its start to its end."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import anyio.abc
from prefect.client.schemas.objects import FlowRun
from prefect.runner._flow_run_executor import FlowRunExecutionResult
from prefect.runner._process_manager import ProcessHandle
from prefect.runner._starter_engine import EngineCommandStarter

from netstacks_tasks.worker.configuration import NetstacksJobConfiguration
from netstacks_tasks.worker.endings import OutOfMemoryKills, describe
from netstacks_tasks.worker.run_environment import needs_interpreter, run_environment
from netstacks_tasks.worker.starter import ForkStarter
from netstacks_tasks.worker.supervision import Supervision
from netstacks_tasks.worker.warm_processes import WarmProcesses


class Execution:
    """Forks the process, or starts an interpreter where the environment needs one."""

    def __init__(
        self,
        processes: WarmProcesses,
        supervision: Supervision,
        kills: OutOfMemoryKills,
        logger: logging.Logger | logging.LoggerAdapter[logging.Logger],
    ) -> None:
        self._processes = processes
        self._supervision = supervision
        self._kills = kills
        self._logger = logger

    async def run(
        self,
        flow_run: FlowRun,
        configuration: NetstacksJobConfiguration,
        status: anyio.abc.TaskStatus[int],
    ) -> tuple[int, int]:
        """Run it, and say what it took.

        Args:
            flow_run: which.
            configuration: of its pool and its deployment.
            status: told the process's id once there is one.

        Returns:
            the id and the exit code of the process.

        Raises:
            RuntimeError: there never was one.
        """
        with _directory(configuration.working_dir) as directory:
            starter = self._starter(configuration, directory)
            execution = await self._execute(flow_run, starter, status)
        if isinstance(starter, ForkStarter) and starter.ended is not None:
            self._logger.info(
                "The process of flow run '%s' ended with %s; it used %.2f s of CPU and %d MiB.",
                flow_run.name,
                starter.ended.status,
                starter.ended.cpu_seconds,
                starter.ended.memory_kib // 1024,
            )
        if execution is None or execution.status_code is None or execution.handle.pid is None:
            raise RuntimeError("The run's process was not started.")
        return execution.handle.pid, execution.status_code

    def _starter(
        self, configuration: NetstacksJobConfiguration, directory: Path
    ) -> ForkStarter | EngineCommandStarter:
        environment = run_environment(configuration.env)
        if configuration.own_command is None and not needs_interpreter(environment):
            return ForkStarter(
                self._processes,
                self._supervision.control,
                configuration=configuration,
                environment=environment,
                directory=directory,
            )
        return EngineCommandStarter(
            command=configuration.own_command,
            cwd=directory,
            env=dict(environment),
            stream_output=configuration.stream_output,
            control_channel=self._supervision.control,
            isolate_process_group=True,
            env_overrides_settings=True,
        )

    async def _execute(
        self,
        flow_run: FlowRun,
        starter: ForkStarter | EngineCommandStarter,
        status: anyio.abc.TaskStatus[int],
    ) -> FlowRunExecutionResult | None:
        kills = self._kills.count()

        def words() -> str | None:
            ended = starter.ended if isinstance(starter, ForkStarter) else None
            if ended is None:
                return None
            return describe(ended, starved=self._kills.count() > kills)

        executor = self._supervision.executor(flow_run, starter, words)
        execution: FlowRunExecutionResult | None = None

        async def execute(*, task_status: anyio.abc.TaskStatus[ProcessHandle]) -> None:
            nonlocal execution
            execution = await executor.submit(task_status=task_status)

        async with anyio.create_task_group() as group:
            handle = await group.start(execute)
            status.started(handle.pid)
        return execution


@contextmanager
def _directory(configured: Path | None) -> Iterator[Path]:
    """Where a run works: where the pool or the deployment says, or in a folder of its own."""
    if configured is not None:
        yield configured
        return
    with tempfile.TemporaryDirectory(prefix="netstacks-run-") as made:
        yield Path(made).resolve()
