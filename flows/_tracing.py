"""Says in a run's span which task it is, and where devices failed.

The span is Prefect's; without an OpenTelemetry SDK it is one that keeps nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry import trace

from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.task import Task


def tell_task(task: Task, devices: int, attempt: int) -> None:
    """Put the task into the span."""
    trace.get_current_span().set_attributes(
        {
            "netstacks.task.id": str(task.id),
            "netstacks.task.name": task.spec.name,
            "netstacks.task.type": task.spec.task_type,
            "netstacks.devices": devices,
            "netstacks.attempt": attempt,
        }
    )


def tell_failures(device: str, failed: Sequence[DeviceResult]) -> None:
    """Note what failed on a device, when it does; not why in words, which may be long."""
    span = trace.get_current_span()
    if not span.is_recording():
        return
    for result in failed:
        span.add_event(
            "netstacks.device.failed",
            {
                "netstacks.device": device,
                "netstacks.item": result.item,
                "netstacks.stage": result.stage or "",
                "netstacks.cause": result.cause or "",
            },
        )
