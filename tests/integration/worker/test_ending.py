"""How a worker ends: with its runs, or with them told to."""

from __future__ import annotations

import signal
from pathlib import Path
from uuid import uuid4

import pytest
from prefect import get_client

from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.sync.desired import task_tag

from .conftest import is_gone, until, working

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux")


async def test_a_worker_lets_its_runs_end_and_takes_no_more(
    prefect_stack: Stack, public_tmp: Path
) -> None:
    async with working(public_tmp, "--limit", "1") as worker:
        stay = {"mark": "first", "seconds": 300, "until": "enough"}
        first = await worker.start("linger", stay)
        waiting = await worker.start("look", {"mark": "waiting"})
        seen = await worker.hears("first")
        worker.process.send_signal(signal.SIGTERM)
        await until(lambda: "No new runs" in worker.log.read_text())
        (worker.told / "enough").touch()
        assert await worker.process.wait() == 0
        run = await worker.ended(first)
        assert run.state is not None
        assert run.state.is_completed(), run.state.message
        assert await is_gone(seen["pid"])
        async with get_client() as client:
            left = await client.read_flow_run(waiting)
        assert left.state is not None
        assert left.state.is_scheduled()
        assert not (worker.told / "waiting").exists()


async def test_a_worker_told_twice_ends_its_runs(prefect_stack: Stack, public_tmp: Path) -> None:
    given = {"NETSTACKS_WORKER_END_SECONDS": "10"}
    async with working(public_tmp, environment=given) as worker:
        run_id = await worker.start("linger", {"mark": "long", "seconds": 300})
        seen = await worker.hears("long")
        worker.process.send_signal(signal.SIGTERM)
        await until(lambda: "No new runs" in worker.log.read_text())
        worker.process.send_signal(signal.SIGTERM)
        assert await worker.process.wait() == 0
        run = await worker.ended(run_id)
        assert run.state is not None
        assert run.state.is_crashed()
        assert await is_gone(seen["pid"])
        assert await is_gone(seen["child"])


async def test_a_run_of_a_task_that_is_ended_goes_on_with_another_worker(
    prefect_stack: Stack, public_tmp: Path
) -> None:
    retries = {
        "PREFECT_FLOWS_DEFAULT_RETRIES": "1",
        "PREFECT_FLOWS_DEFAULT_RETRY_DELAY_SECONDS": "0",
    }
    given = {"NETSTACKS_WORKER_END_SECONDS": "10", "NETSTACKS_WORKER_DRAIN_SECONDS": "1"}
    async with working(public_tmp, environment=given) as first:
        run_id = await first.start(
            "linger_once", {"mark": "moved"}, environment=retries, tags=[task_tag(uuid4())]
        )
        seen = await first.hears("moved-1")
        first.process.send_signal(signal.SIGTERM)
        assert await first.process.wait() == 0
        assert await is_gone(seen["pid"])
        async with get_client() as client:
            states = await client.read_flow_run_states(run_id)
        assert states[-1].name == "AwaitingRetry", first.log.read_text()[-3000:]
        assert "The worker was stopped" in (states[-1].message or "")
        assert not [state for state in states if state.is_final()]
        async with working(public_tmp, pool=first.pool) as second:
            run = await second.ended(run_id)
            assert run.state is not None
            assert run.state.is_completed(), run.state.message
            assert run.run_count == 2


async def test_a_worker_for_one_look_runs_what_is_due_and_ends(
    prefect_stack: Stack, public_tmp: Path
) -> None:
    async with working(public_tmp) as ready:
        await ready.stop()
        run_id = await ready.start("look", {"mark": "once"})
        async with working(public_tmp, "--run-once", pool=ready.pool) as worker:
            assert await worker.process.wait() == 0, worker.log.read_text()[-3000:]
        run = await ready.ended(run_id)
        assert run.state is not None
        assert run.state.is_completed()
