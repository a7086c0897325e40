"""Hears from the Prefect server what happens to the runs of a work pool."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from prefect.events import Event
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventAnyResourceFilter, EventFilter, EventNameFilter

from netstacks_tasks.worker.warm_processes import Logger

_OF_A_RUN: Final = "prefect.flow-run."
_CANCELLING: Final = f"{_OF_A_RUN}Cancelling"
_SCHEDULED: Final = [
    f"{_OF_A_RUN}{state}"
    for state in ("Scheduled", "AwaitingConcurrencySlot", "AwaitingRetry", "Resuming")
]
_PAUSE_SECONDS: Final = 2.0
_SETTLED_SECONDS: Final = 2.0
"""By then the server tells a new listener everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A run was scheduled, or is to be cancelled."""

    run_id: UUID
    cancelling: bool


async def listen(
    work_pool_id: UUID, heard: Callable[[Announcement | None], None], logger: Logger
) -> None:
    """Call `heard` with every announcement, for ever.

    It is called with None when some may have been missed; while the server's
    stream of events is away, every few seconds.
    """
    wanted = EventFilter(
        event=EventNameFilter(name=[*_SCHEDULED, _CANCELLING]),
        any_resource=EventAnyResourceFilter(id=[f"prefect.work-pool.{work_pool_id}"]),
    )
    while True:
        try:
            # It must not connect again by itself: nobody would know that something was missed.
            async with get_events_subscriber(wanted, reconnection_attempts=0) as events:
                # Something may have happened before there was anybody to hear it.
                heard(None)
                again = asyncio.get_running_loop().call_later(_SETTLED_SECONDS, heard, None)
                try:
                    async for event in events:
                        heard(_announcement(event))
                finally:
                    again.cancel()
        except Exception as error:
            logger.debug("No events from the Prefect server: %s", type(error).__name__)
        # Instead of being told: look for oneself, more often than otherwise.
        heard(None)
        await asyncio.sleep(_PAUSE_SECONDS)


def _announcement(event: Event) -> Announcement | None:
    try:
        run_id = UUID(event.resource.id.removeprefix(_OF_A_RUN))
    except ValueError:
        return None
    return Announcement(run_id=run_id, cancelling=event.event == _CANCELLING)
