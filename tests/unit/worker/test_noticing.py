"""How a worker learns of runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
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
    cancelling: list[list[UUID] | Exception] = field(default_factory=list)
    """What the server answers when it is asked for cancelled runs, in order."""
    cancelled: list[UUID] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

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
        assert self.cancelling, f"nothing was missed: {run_ids}"
        answer = self.cancelling.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def under_way(self) -> set[UUID]:
        return self.at_work

    def cancel(self, run_id: UUID) -> None:
        self.cancelled.append(run_id)
        self.told.set()


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


async def test_a_look_for_cancelled_runs_in_vain_is_not_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server was restarted, and is not all there when its announcements are."""
    monkeypatch.setattr("netstacks_tasks.worker.noticing._AGAIN_SECONDS", 0.01)
    run_id = uuid4()
    world = World(at_work={run_id}, cancelling=[OSError("not yet"), [run_id]])
    noticing = Noticing(world, logging.getLogger("test"))
    looking = asyncio.create_task(noticing.look_when_told(lambda: True))
    try:
        noticing.heard(None)
        await world.told.wait()
        assert world.cancelled == [run_id]
    finally:
        looking.cancel()
        await asyncio.wait([looking])
