"""The sync and a worker, as programs: what they tell on their own ports, and how they log."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
from prefect import get_client
from prefect.client.schemas.actions import WorkPoolCreate

from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.store.database import Database
from tests.integration.store import samples

from .test_watching import Numbers, add_task, numbers

ROOT: Final = Path(__file__).parents[3]
PROGRAM: Final = (sys.executable, "-c", "from netstacks_tasks.cli.main import main; main()")


@dataclass(frozen=True, slots=True)
class Watched:
    """A program that works."""

    client: httpx.AsyncClient
    log: Path
    process: asyncio.subprocess.Process

    async def numbers(self) -> Numbers:
        return numbers((await self.client.get("/metrics")).text)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(60):
            while True:
                try:
                    if await holds():
                        return
                except (httpx.TransportError, KeyError):
                    assert self.process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.1)

    async def is_ready(self) -> bool:
        return (await self.client.get("/readyz")).status_code == 200

    async def lines(self) -> list[dict[str, Any]]:
        """Its log, once it has ended; each line of it is an object."""
        self.process.send_signal(signal.SIGTERM)
        assert await self.process.wait() == 0, self.log.read_text()
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@asynccontextmanager
async def watched(folder: Path, *words: str, **more: str) -> AsyncIterator[Watched]:
    log = folder / f"{words[0]}.log"
    # Bound, and not listening: nobody else is given the port, and the program can have it.
    with socket.socket() as taken, log.open("wb") as output:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            *words,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "NETSTACKS_STATE_DIR": str(folder),
                "NETSTACKS_METRICS_PORT": str(port),
                "NETSTACKS_LOG_FORMAT": "json",
                **more,
            },
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", trust_env=False
        ) as client:
            yield Watched(client, log, process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_sync_tells_of_its_rounds_and_logs_objects(
    prefect_stack: Stack, database_url: str, tmp_path: Path
) -> None:
    async with (
        Database.open(database_url, migrate=False) as db,
        watched(
            tmp_path,
            *("sync", "--watch"),
            NETSTACKS_DATABASE_URL=database_url,
            NETSTACKS_WORK_POOL=f"watched-{uuid4()}",
        ) as sync,
    ):
        await samples.fill(db)

        async def feeds_back() -> bool:
            return (await sync.numbers())["netstacks_sync_rounds_total", ("feedback",)] > 0

        await sync.until(feeds_back)
        await sync.until(sync.is_ready)
        assert set((await sync.client.get("/readyz")).json()["parts"]) == {
            "database", "schema", "prefect",
        }  # fmt: skip
        task = await add_task(db)

        async def has_synced() -> bool:
            found = await db_value(db, "SELECT count(*) FROM tasks WHERE synced_hash IS NOT NULL")
            return bool(found)

        await sync.until(has_synced)
        found = await sync.numbers()
        assert found["netstacks_sync_round_failures_total", ("sync",)] == 0
        assert found["netstacks_sync_last_round_timestamp_seconds", ("feedback",)] > 1e9
        lines = await sync.lines()
    assert [line["action"] for line in lines if line.get("action", "").startswith("watch_")] == [
        "watch_started",
        "watch_stopped",
    ]
    (created,) = [line for line in lines if line.get("action") == "sync_create"]
    assert created["task_id"] == str(task)
    assert created["level"] == "INFO"
    assert created["logger"] == "netstacks_tasks.sync.applying"
    assert created["time"].endswith("+00:00")


async def db_value(db: Database, statement: str) -> object:
    async with db.connection() as connection:
        row = await (await connection.execute(statement.encode())).fetchone()
    return None if row is None else row[0]


async def test_a_worker_tells_what_it_has_at_work_and_logs_objects(
    prefect_stack: Stack, tmp_path: Path
) -> None:
    pool = f"watched-{uuid4()}"
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name=pool, type="netstacks"))
        deployment = await client.create_deployment(
            flow_id=await client.create_flow_from_name("linger"),
            name=pool,
            entrypoint="tests.integration.worker.small_flows.linger",
            work_pool_name=pool,
            job_variables={"env": {"TOLD": str(tmp_path)}},
        )
    async with watched(
        tmp_path,
        *("worker", "--limit", "3"),
        NETSTACKS_WORK_POOL=pool,
        NETSTACKS_WORKER_END_SECONDS="0",
        NETSTACKS_WORKER_DRAIN_SECONDS="0",
    ) as worker:
        await worker.until(worker.is_ready)
        found = await worker.numbers()
        assert found["netstacks_worker_runs", ()] == 0
        assert found["netstacks_worker_limit", ()] == 3
        async with get_client() as client:
            run = await client.create_flow_run_from_deployment(
                deployment, parameters={"mark": "there", "seconds": 600}
            )

        async def works() -> bool:
            return (await worker.numbers())["netstacks_worker_runs", ()] == 1 and (
                tmp_path / "there"
            ).exists()

        await worker.until(works)
        lines = await worker.lines()
    of_the_run = [line for line in lines if line.get("run_id") == str(run.id)]
    assert any("linger" in line["message"] for line in of_the_run), lines
    assert {"time", "level", "logger", "message"} <= set(lines[0])


async def test_a_port_that_is_taken_ends_a_worker_in_one_line(
    prefect_stack: Stack, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with watched(tmp_path, "worker", NETSTACKS_METRICS_PORT=port) as worker:
            assert await worker.process.wait() == 1
            (line,) = worker.log.read_text().splitlines()
    assert line.startswith(f"netstacks: cannot listen on 127.0.0.1 port {port} ")
    assert "NETSTACKS_METRICS_PORT" in line
