"""The flow of health check tasks."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows._history import StoredCheckStates
from flows._run import Outcome, Run, run_task
from flows._task_flow import task_flow
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.models.parameters import HealthCheckParameters
from netstacks_tasks.models.result import TaskResult
from netstacks_tasks.operations.health_check import HealthCheckPorts, check_health
from netstacks_tasks.store.host_keys import StoredHostKeys


@task_flow
async def health_check(task_id: str) -> State[Any] | None:
    """Ping a task's devices, log in to them and read their names."""
    return await run_task(task_id, _operate)


async def _operate(run: Run) -> Outcome:
    parameters = run.task.spec.parameters
    assert isinstance(parameters, HealthCheckParameters)  # noqa: S101 - the type column says so
    host_keys = StoredHostKeys(run.db)
    if "ssh" in parameters.checks:
        await host_keys.read_ahead(device.id for device in run.devices)
    async with DeviceAccess(host_keys) as access:
        ports = HealthCheckPorts(
            probes=access,
            credentials=run.credentials,
            states=StoredCheckStates(run.db),
            recorder=run.recorder,
            watcher=run.watcher,
            redact=run.redactor,
        )
        results = await check_health(
            run.devices, parameters.checks, run.earlier, ports, run.attempt
        )
    return Outcome(
        result=TaskResult(results=results, allowed_failures=parameters.max_failed_devices)
    )
