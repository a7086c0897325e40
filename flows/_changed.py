"""Tells Prefect which devices have changed, for whoever wants to hear of that."""

from __future__ import annotations

from collections.abc import Sequence

from prefect.client.schemas.objects import FlowRun

from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.task import Task
from netstacks_tasks.sync.events import CHANGED, changed_devices, emit, event_of


async def tell_changed(task: Task, flow_run: FlowRun, results: Sequence[DeviceResult]) -> None:
    """One event for all devices of an attempt; none when nothing changed."""
    changed = [
        result.device_name
        for result in results
        if result.changed and result.attempt == flow_run.run_count
    ]
    if changed:
        await emit(
            event_of(
                CHANGED,
                task.id,
                task_name=task.name,
                run_id=RunId(flow_run.id),
                deployment_id=flow_run.deployment_id,
                tags=flow_run.tags,
                payload=changed_devices(changed),
            )
        )
