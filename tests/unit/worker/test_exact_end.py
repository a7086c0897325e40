"""The end of a run's process, while Prefect's server is away."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx
import pytest
from prefect.client.schemas.objects import FlowRun

from netstacks_tasks.sync.desired import task_tag
from netstacks_tasks.worker.exact_end import ExactEnd


class Away:
    """A client of a server that does not answer."""

    def __init__(self) -> None:
        self.proposed = 0

    async def read_flow_run(self, _: UUID) -> FlowRun:
        raise httpx.ConnectError("refused")

    async def set_flow_run_state(self, *_: object, **__: object) -> None:
        self.proposed += 1
        raise httpx.ConnectError("refused")


@pytest.mark.parametrize("of_a_task", [True, False])
async def test_a_run_of_a_task_is_left_to_the_sync_and_never_ended(of_a_task: bool) -> None:
    client, put_off = Away(), set[UUID]()
    flow_run = FlowRun(flow_id=uuid4(), tags=[task_tag(uuid4())] if of_a_task else [])
    ending = ExactEnd(client, lambda: None, put_off)  # type: ignore[arg-type]  # all that it asks for
    assert await ending.propose_crashed(flow_run, "gone") is None
    assert put_off == ({flow_run.id} if of_a_task else set())
    assert client.proposed == (0 if of_a_task else 1)
