"""A run that cannot be begun."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import anyio
import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.workers.base import BaseWorker

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
