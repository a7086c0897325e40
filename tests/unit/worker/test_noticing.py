"""How a worker learns of runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import WorkerFlowRunResponse

from netstacks_tasks.worker.announcements import Announcement
from netstacks_tasks.worker.noticing import Noticing


@dataclass
class World:
    """What the server has ready, and what the worker is at."""

    waiting: list[UUID] = field(default_factory=list)
    at_work: set[UUID] = field(default_factory=set)
    looks: int = 0

    async def ready(self) -> Sequence[WorkerFlowRunResponse]:
        self.looks += 1
        return [
            WorkerFlowRunResponse(
                work_pool_id=uuid4(),
                work_queue_id=uuid4(),
                flow_run=FlowRun(id=run_id, flow_id=uuid4()),
            )
            for run_id in self.waiting
        ]

    async def to_be_cancelled(self, run_ids: Collection[UUID]) -> Sequence[UUID]:
        raise AssertionError(f"nothing was missed: {run_ids}")

    def under_way(self) -> set[UUID]:
        return self.at_work

    def cancel(self, run_id: UUID) -> None:
        raise AssertionError(f"nobody cancelled {run_id}")


async def test_a_retry_that_is_announced_before_its_attempt_is_over_is_not_forgotten() -> None:
    retried = uuid4()
    world = World(waiting=[retried], at_work={retried})
    noticing = Noticing(world, logging.getLogger("test"))
    looking = asyncio.create_task(noticing.look_when_told(lambda: True))
    try:
        noticing.heard(Announcement(run_id=retried, cancelling=False))
        await asyncio.sleep(0.15)
        assert world.looks == 1
        assert noticing.due.take(datetime.now(UTC)) == []
        world.at_work.clear()
        noticing.ended(uuid4())
        await asyncio.sleep(0.15)
        assert world.looks == 1  # that was another one
        noticing.ended(retried)
        await asyncio.sleep(0.15)
        (due,) = noticing.due.take(datetime.now(UTC))
        assert due.flow_run.id == retried
    finally:
        looking.cancel()
        await asyncio.wait([looking])
