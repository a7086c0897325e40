"""What Prefect cannot know by itself, told as events of its own: automations act on them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from prefect.events import Event, RelatedResource, Resource
from prefect.events.clients import get_events_client

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.sync.desired import task_tag

logger = logging.getLogger(__name__)

MISSED: Final = "netstacks.run.missed"
MENDED: Final = "netstacks.run.mended"
CHANGED: Final = "netstacks.device.changed"
_SECONDS: Final = 5.0
_MOST_DEVICES: Final = 100


def event_of(
    name: str,
    task_id: TaskId,
    *,
    tags: Iterable[str],
    payload: Mapping[str, Any],
    task_name: str | None = None,
    run_id: RunId | None = None,
    deployment_id: UUID | None = None,
) -> Event:
    """An event about a task, with what belongs to it as Prefect's own events have it.

    Args:
        name: which of ours.
        task_id: whose.
        tags: of its deployment; the installation's is among them, by which an
            automation tells ours from another's.
        payload: what there is to say; no secret.
        task_name: shown.
        run_id: the flow run it is about.
        deployment_id: the task's.
    """
    about = {"prefect.resource.id": f"netstacks.task.{task_id}"}
    if task_name is not None:
        about["prefect.resource.name"] = task_name
    related = [("flow-run", run_id), ("deployment", deployment_id)]
    resources = [
        RelatedResource(
            {"prefect.resource.id": f"prefect.{kind}.{found}", "prefect.resource.role": kind}
        )
        for kind, found in related
        if found is not None
    ]
    resources += [
        RelatedResource(
            {"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"}
        )
        for tag in sorted({*tags, task_tag(task_id)})
    ]
    return Event(event=name, resource=Resource(about), related=resources, payload=dict(payload))


def changed_devices(devices: Iterable[str]) -> dict[str, Any]:
    """The payload of `CHANGED`: how many devices, and the first names."""
    names = sorted(set(devices))
    return {"count": len(names), "devices": names[:_MOST_DEVICES]}


async def emit(*events: Event) -> None:
    """Tell Prefect, if it listens: what happened is in the history in any case."""
    if not events:
        return
    try:
        async with asyncio.timeout(_SECONDS), get_events_client(reconnection_attempts=0) as client:
            for event in events:
                await client.emit(event)
    except Exception as error:
        # Nothing that runs may fail of this.
        logger.warning(
            "Prefect was not told of %d events (%s): no alert follows",
            len(events),
            type(error).__name__,
            extra={"action": "events_lost"},
        )
