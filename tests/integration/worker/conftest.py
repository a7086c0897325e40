"""Workers of type `netstacks`, as programs, with a pool each on a real server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from prefect import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.states import Scheduled

from netstacks_tasks.embedded.stack import Stack

ROOT = Path(__file__).parents[3]
FLOWS = "tests.integration.worker.small_flows"


@dataclass
class Working:
    """A worker, and what is needed to give it work."""

    pool: str
    told: Path
    log: Path
    process: asyncio.subprocess.Process

    async def start(
        self,
        flow: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        variables: Mapping[str, Any] | None = None,
        after: float = 0,
        tags: Sequence[str] = (),
    ) -> UUID:
        """Have a flow run, in so many seconds."""
        async with get_client() as client:
            deployment = await client.create_deployment(
                flow_id=await client.create_flow_from_name(flow),
                name=f"{self.pool}-{uuid.uuid4()}",
                entrypoint=f"{FLOWS}.{flow}",
                work_pool_name=self.pool,
                enforce_parameter_schema=False,
                job_variables={
                    "env": {"TOLD": str(self.told), **(environment or {})},
                    **(variables or {}),
                },
            )
            run = await client.create_flow_run_from_deployment(
                deployment,
                parameters=dict(parameters or {}),
                state=Scheduled(scheduled_time=datetime.now(UTC) + timedelta(seconds=after)),
                tags=tags,
            )
        return run.id

    async def ended(self, run_id: UUID) -> FlowRun:
        """The run, once it is over."""
        async with get_client() as client:
            for _ in range(1200):
                run = await client.read_flow_run(run_id)
                if run.state is not None and run.state.is_final():
                    return run
                await asyncio.sleep(0.1)
        pytest.fail(f"the run did not end:\n{self.log.read_text()[-3000:]}")

    async def hears(self, name: str) -> dict[str, Any]:
        """What a run left under the name."""
        for _ in range(600):
            if (self.told / name).exists():
                found = json.loads((self.told / name).read_text())
                assert isinstance(found, dict)
                return found
            await asyncio.sleep(0.1)
        pytest.fail(f"nothing was told:\n{self.log.read_text()[-3000:]}")

    async def stop(self) -> int:
        """Have it end; runs that are left are ended at once. Its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.process.wait()
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()

    async def warm_parent(self) -> int:
        """The process that forks."""
        assert self.process.pid is not None
        for _ in range(600):
            for child in children(self.process.pid):
                if "warm_parent" in command_of(child):
                    return child
            await asyncio.sleep(0.1)
        pytest.fail("there is no warm parent")


def command_of(pid: int) -> str:
    """Empty of one that is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def children(pid: int) -> list[int]:
    found = []
    with contextlib.suppress(OSError):  # whoever ends meanwhile has none
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(one) for one in (task / "children").read_text().split()]
    return found


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it to come true."""
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.1)
    pytest.fail("it never came true")


async def is_gone(pid: int) -> bool:
    """Whether it ends within a while."""
    for _ in range(200):
        if not _is_alive(pid):
            return True
        await asyncio.sleep(0.1)
    return False


def _is_alive(pid: int) -> bool:
    """Zombies, that wait for whoever adopted them, are not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@asynccontextmanager
async def working(
    folder: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    pool: str | None = None,
) -> AsyncIterator[Working]:
    """A worker for as long as the block, with a new pool unless it is given one."""
    if pool is None:
        pool = f"pool-{uuid.uuid4()}"
        async with get_client() as client:
            await client.create_work_pool(WorkPoolCreate(name=pool, type="netstacks"))
    told = folder / pool
    told.mkdir(exist_ok=True)
    log = folder / f"{uuid.uuid4()}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "prefect", "worker", "start", "--type", "netstacks"),
            *("--pool", pool, "--name", pool, "--install-policy", "never", *options),
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    worker = Working(pool, told, log, process)
    try:
        yield worker
    finally:
        await worker.stop()


@pytest_asyncio.fixture(scope="module")
async def worker(prefect_stack: Stack, public_tmp: Path) -> AsyncIterator[Working]:
    """One that looks at the server by itself once an hour."""
    async with working(
        public_tmp,
        environment={"PREFECT_WORKER_QUERY_SECONDS": "3600", "NETSTACKS_WORKER_END_SECONDS": "5"},
    ) as started:
        yield started
