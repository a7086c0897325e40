"""A run that cannot be begun."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID, uuid4

import anyio
import httpx
import pytest
from prefect.client.schemas.objects import FlowRun, State, WorkPool
from prefect.workers.base import BaseWorker

from netstacks_tasks.sync.desired import task_tag
from netstacks_tasks.worker.configuration import NetstacksJobConfiguration
from netstacks_tasks.worker.worker import NetstacksWorker


async def test_it_takes_no_other_run_and_no_place_with_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(worker: BaseWorker[Any, Any, Any], flow_run: FlowRun) -> None:
        raise ConnectionError(f"{worker.name} cannot read the deployment of {flow_run.id}")

    monkeypatch.setattr(BaseWorker, "_submit_run", away)
    worker = NetstacksWorker(work_pool_name="unit", limit=1)
    worker._limiter = anyio.CapacityLimiter(1)
    flow_run = FlowRun(flow_id=uuid4())
    for holds in (True, False):
        if holds:
            worker._limiter.acquire_on_behalf_of_nowait(flow_run.id)
        worker._submitting_flow_run_ids.add(flow_run.id)
        worker._noticing.stir.clear()
        await worker._submit_run(flow_run)
        assert worker._limiter.available_tokens == 1
        assert worker.under_way() == set()
        assert worker._noticing.stir.is_set()
    assert "is looked for again: ConnectionError" in caplog.text


def refused(status: int) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://prefect.invalid/api/flow_runs/1/labels")
    response = httpx.Response(status, request=request)
    return httpx.HTTPStatusError(str(status), request=request, response=response)


@pytest.mark.parametrize(
    ("error", "tags", "ends"),
    [
        (refused(500), [task_tag(uuid4())], False),
        (ExceptionGroup("of a task group", [httpx.ConnectError("no")]), [task_tag(uuid4())], False),
        (refused(422), [task_tag(uuid4())], True),
        (ValueError("its job variables are none"), [task_tag(uuid4())], True),
        (ExceptionGroup("both", [refused(503), ValueError("no")]), [task_tag(uuid4())], True),
        # Nobody looks after the runs of others.
        (refused(500), ["theirs"], True),
    ],
)
async def test_a_run_ends_before_it_began_only_where_it_was_at_fault(
    monkeypatch: pytest.MonkeyPatch, error: Exception, tags: list[str], *, ends: bool
) -> None:
    said = []

    async def propose(client: object, state: State[Any], flow_run_id: UUID) -> State[Any]:
        said.append(state.type)
        return state

    async def labels(flow_run_id: UUID) -> None:
        raise error

    async def configured(*_: object, **__: object) -> NetstacksJobConfiguration:
        return NetstacksJobConfiguration()

    monkeypatch.setattr("prefect.workers.base.propose_state", propose)
    worker = NetstacksWorker(work_pool_name="unit")
    monkeypatch.setattr(NetstacksJobConfiguration, "resolve_for_flow_run", configured)
    monkeypatch.setattr(worker, "_give_worker_labels_to_flow_run", labels)
    monkeypatch.setattr(worker, "_emit_flow_run_submitted_event", lambda _: None)
    monkeypatch.setattr(worker, "get_flow_run_logger", lambda _: logging.getLogger("test"))
    worker._work_pool = WorkPool(name="unit", type="netstacks", default_queue_id=uuid4())
    worker._client = object()  # type: ignore[assignment] # asked for nothing but what is replaced
    flow_run = FlowRun(flow_id=uuid4(), tags=tags)
    async with anyio.create_task_group() as group:
        begun = await group.start(worker._submit_run_and_capture_errors, flow_run)
    assert begun is error
    assert bool(said) is ends
