"""A task runs on a pool of Prefect's own process type as on ours, with its retries and history."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from prefect import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun

from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.reconcile import sync

from .world import World


async def test_a_task_is_retried_on_a_pool_of_prefects_own(
    world: World, prefect_stack: Stack, tmp_path: Path
) -> None:
    pool = f"stock-{uuid4()}"
    task_id = await world.task(
        {"type": "custom_script", "interpreter": "bash", "script": "exit 3"}, name=pool
    )
    async with world.db.transaction() as connection:
        await connection.execute("UPDATE tasks SET max_retries = 1, timeout_seconds = 77")
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    async with PrefectGateway.open(prefect_stack.api_url) as gateway:
        report = await sync(world.db, gateway, work_pool=pool)
    assert report.created == [pool]
    try:
        run = await _ran_by_a_stock_worker(pool, tmp_path / "worker.log")
    finally:
        async with get_client() as client:
            deployment = await client.read_deployment_by_name(f"custom_script/{pool}")
            await client.delete_deployment(deployment.id)
    assert run.state is not None
    assert run.state.is_failed()
    assert "exit code 3" in (run.state.message or "")
    assert run.run_count == 2
    [kept] = await world.rows("SELECT task_id FROM task_runs WHERE id = %s", run.id)
    assert kept["task_id"] == UUID(task_id)
    attempts = await world.rows(
        "SELECT outcome FROM run_attempts WHERE run_id = %s ORDER BY attempt", run.id
    )
    assert [attempt["outcome"] for attempt in attempts] == ["failed", "failed"]


async def _ran_by_a_stock_worker(pool: str, log: Path) -> FlowRun:
    with log.open("wb") as output:
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "prefect", "worker", "start", "--type", "process"),
            *("--pool", pool, "--install-policy", "never"),
            env={**os.environ, "PREFECT_WORKER_QUERY_SECONDS": "1"},
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        async with get_client() as client:
            deployment = await client.read_deployment_by_name(f"custom_script/{pool}")
            run = await client.create_flow_run_from_deployment(deployment.id)
            for _ in range(1200):
                if run.state is not None and run.state.is_final():
                    return run
                await asyncio.sleep(0.1)
                run = await client.read_flow_run(run.id)
    finally:
        worker.send_signal(signal.SIGTERM)
        await worker.wait()
    said = await asyncio.to_thread(log.read_text)
    pytest.fail(f"it did not end:\n{said[-3000:]}")
