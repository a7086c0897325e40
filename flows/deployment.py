"""The flow of deployment tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State

from flows._blocks import load_database_url
from flows._deployment_ports import DeviceLocks, StackStates, StoredBaselines, resolved
from flows._report import Diff
from flows._run import Outcome, Run, run_task
from flows._task_flow import task_flow
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.config_diff import difference
from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.models.parameters import DeploymentParameters
from netstacks_tasks.models.result import TaskResult
from netstacks_tasks.models.stack_rendering import Member, Rendered, render_all
from netstacks_tasks.models.stack_templates import StackTemplates
from netstacks_tasks.operations.deployment.deploy import deploy
from netstacks_tasks.operations.deployment.ports import DeploymentPorts
from netstacks_tasks.store import inventory
from netstacks_tasks.store.host_keys import StoredHostKeys
from netstacks_tasks.store.inventory_items import StackInstance
from netstacks_tasks.store.stack_members import members_of

VERSIONS = "deployments"
"""The destination of the configurations before and after each change."""


@task_flow
async def deployment(task_id: str) -> State[Any] | None:
    """Bring a stack instance's devices to what its templates render."""
    return await run_task(task_id, _operate)


async def _operate(run: Run) -> Outcome:
    parameters = run.task.spec.parameters
    assert isinstance(parameters, DeploymentParameters)  # noqa: S101 - the type column says so
    instance = await inventory.get(run.db, StackInstance, parameters.stack_instance_id)
    stack, members = await members_of(run.db, instance)
    rollout = instance.rollout(dry_run=parameters.dry_run)
    get_run_logger().info(
        "%s: version %d of the stack %s, %s%s",
        instance.name,
        stack.version,
        stack.name,
        rollout.mode,
        ", dry run: nothing is sent" if rollout.dry_run else "",
    )
    rendered = await _rendered(run, instance, StackTemplates(stack.templates), members)
    async with DeviceAccess(StoredHostKeys(run.db)) as access:
        ports = DeploymentPorts(
            writers=access,
            probes=access,
            credentials=run.credentials,
            locks=DeviceLocks(await load_database_url(), run.id),
            baselines=StoredBaselines(
                run.db, run.id, run.task.id, VERSIONS, run.attempt.number, normalise
            ),
            states=StackStates(run.db, instance.id),
            recorder=run.recorder,
            watcher=run.watcher,
            redact=run.redactor.configuration,
            normalise=normalise,
            difference=difference,
        )
        deployed = await deploy(rendered, rollout, run.earlier, ports, run.attempt)
    diffs = [
        Diff(device_name=name, source="running", text=run.redactor.configuration(text))
        for name, text in sorted(deployed.diffs.items())
    ]
    return Outcome(result=TaskResult(results=deployed.results), diffs=diffs)


async def _rendered(
    run: Run, instance: StackInstance, templates: StackTemplates, members: Sequence[Member]
) -> list[Rendered]:
    """Every device's configuration, the values of its Secret blocks in it."""
    complete = [
        Member(device=one.device, variables=await resolved(one.variables, run.redactor))
        for one in members
    ]
    return render_all(templates, complete, instance.mode)
