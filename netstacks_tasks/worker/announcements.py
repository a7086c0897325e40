"""Hears from the Prefect server that a run of a work pool was scheduled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final
from uuid import UUID

from prefect.events import Event
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventAnyResourceFilter, EventFilter, EventNameFilter

from netstacks_tasks.worker.warm_processes import Logger

_NAMES: Final = [
    f"prefect.flow-run.{state}"
    for state in ("Scheduled", "AwaitingConcurrencySlot", "AwaitingRetry", "Resuming")
]
_PAUSE_SECONDS: Final = 5.0


async def listen(work_pool_id: UUID, heard: Callable[[UUID | None], None], logger: Logger) -> None:
    """Call `heard` with the run's id whenever it happens, for ever.

    It is called with None when some may have been missed; while the server's
    stream of events is away, every few seconds.
    """
    wanted = EventFilter(
        event=EventNameFilter(name=_NAMES),
        any_resource=EventAnyResourceFilter(id=[f"prefect.work-pool.{work_pool_id}"]),
    )
    while True:
        try:
            async with get_events_subscriber(filter=wanted) as events:
                # Something may have happened before there was anybody to hear it.
                heard(None)
                async for event in events:
                    heard(_run_of(event))
        except Exception as error:
            logger.debug("No events from the Prefect server: %s", type(error).__name__)
        # Instead of being told: look for oneself, more often than otherwise.
        heard(None)
        await asyncio.sleep(_PAUSE_SECONDS)


def _run_of(event: Event) -> UUID | None:
    try:
        return UUID(event.resource.id.removeprefix("prefect.flow-run."))
    except ValueError:
        return None
