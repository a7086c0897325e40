"""What becomes of a worker's runs when one of them cannot be cancelled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from prefect import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.runner._process_manager import (
    ProcessHandle,
    create_isolated_termination_scope,
)
from prefect.states import Cancelling

from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.worker import supervision
from netstacks_tasks.worker.configuration import NetstacksJobConfiguration
from netstacks_tasks.worker.hooks import ForkedHooks
from netstacks_tasks.worker.supervision import Supervision
from netstacks_tasks.worker.warm_processes import WarmProcesses

from .conftest import until

_LOGGER = logging.getLogger("test")


class Supervised:
    """Processes of runs under a supervision, which reports to a real server."""

    def __init__(self) -> None:
        self.asked_again = 0

    @asynccontextmanager
    async def supervision(self) -> AsyncIterator[Supervision]:
        async with WarmProcesses(_LOGGER) as processes:
            hooks = ForkedHooks(processes, self._configuration, _LOGGER)
            async with Supervision("test", hooks, _LOGGER, self._again) as found:
                yield found

    async def process(self, supervision: Supervision, run_id: UUID) -> asyncio.subprocess.Process:
        """One that belongs to a run."""
        process = await asyncio.create_subprocess_exec("sleep", "300", start_new_session=True)
        scope = create_isolated_termination_scope(process.pid)
        handle = ProcessHandle(process, termination_scope=scope)  # type: ignore[arg-type] # as anyio's
        await supervision.processes.add(run_id, handle)
        return process

    async def _configuration(self, flow_run: FlowRun) -> NetstacksJobConfiguration:
        raise AssertionError(f"no hook is to run for {flow_run.id}")

    def _again(self) -> None:
        self.asked_again += 1


async def test_a_run_that_was_deleted_is_ended_and_no_other(prefect_stack: Stack) -> None:
    supervised = Supervised()
    async with supervised.supervision() as found:
        deleted, other = uuid4(), uuid4()
        gone, stays = [await supervised.process(found, run_id) for run_id in (deleted, other)]
        assert found.cancel(deleted)
        assert await gone.wait() < 0
        assert stays.returncode is None
        found.control.register(uuid4())  # it still serves
    await stays.wait()


async def test_a_run_whose_server_fails_is_tried_again(
    prefect_stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "_AGAIN_SECONDS", 0.05)
    async with get_client() as client:
        flow_id = await client.create_flow_from_name("cancelled twice")
        response = await client.request(
            "POST", "/flow_runs/", json={"flow_id": str(flow_id), "state": {"type": "RUNNING"}}
        )
        run_id = UUID(response.json()["id"])
        await client.set_flow_run_state(run_id, Cancelling())
    supervised = Supervised()
    async with supervised.supervision() as found:
        process = await supervised.process(found, run_id)
        read = found.client.read_flow_run

        async def refused(flow_run_id: UUID) -> FlowRun:
            raise ConnectionError(f"{flow_run_id} cannot be read")

        monkeypatch.setattr(found.client, "read_flow_run", refused)
        assert found.cancel(run_id)
        await until(lambda: supervised.asked_again == 1)
        assert process.returncode is None
        monkeypatch.setattr(found.client, "read_flow_run", read)
        assert found.cancel(run_id)
        assert await process.wait() < 0
