"""Workers of either type, as programs, and runs for them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from prefect import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.states import Scheduled

_ROOT = Path(__file__).parents[1]
_MOST_LOOKS = 2400
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Worker:
    """A running worker with a pool and a deployment of its own."""

    kind: str
    pool: str
    deployment: UUID
    process: asyncio.subprocess.Process

    @property
    def cpu(self) -> float:
        """Seconds of CPU that it and everything it started have used, as far as that has ended."""
        return _tree_cpu(self.process.pid)

    async def start(self, after: float = 0.0) -> UUID:
        """Have a run, due in so many seconds."""
        [run_id] = await self.start_together(1, after)
        return run_id

    async def start_together(self, many: int, after: float) -> list[UUID]:
        """Have runs, all due at the same moment."""
        due = datetime.now(UTC) + timedelta(seconds=after)
        made = []
        async with get_client() as client:
            for _ in range(many):
                run = await client.create_flow_run_from_deployment(
                    self.deployment, state=Scheduled(scheduled_time=due)
                )
                made.append(run.id)
        if many > 1 and datetime.now(UTC) >= due:
            raise RuntimeError(f"to make {many} runs took longer than {after} s")
        return made


async def lags(run_ids: Sequence[UUID]) -> list[float]:
    """Seconds from each run's time to its start, once all have ended.

    Raises:
        RuntimeError: one did not complete.
    """
    await ended(run_ids)
    found = []
    async with get_client() as client:
        for run_id in run_ids:
            run = await client.read_flow_run(run_id)
            if run.state is None or not run.state.is_completed() or run.start_time is None:
                raise RuntimeError(f"a run ended badly: {run.state}")
            assert run.expected_start_time is not None
            found.append((run.start_time - run.expected_start_time).total_seconds())
    return found


async def ended(run_ids: Sequence[UUID]) -> None:
    """Wait for the runs' end, at little cost to the server."""
    going = {
        "flow_runs": {
            "id": {"any_": [str(run_id) for run_id in run_ids]},
            "state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING", "CANCELLING"]}},
        }
    }
    async with get_client() as client:
        for _ in range(_MOST_LOOKS):
            response = await client.request("POST", "/flow_runs/count", json=going)
            if response.json() == 0:
                return
            await asyncio.sleep(0.25)
    raise RuntimeError("the runs do not end")


@asynccontextmanager
async def worker(kind: str, folder: Path, *, limit: int = 20) -> AsyncIterator[Worker]:
    """A worker of a type, ready for its first run."""
    pool = f"{kind}-{uuid.uuid4().hex[:8]}"
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name=pool, type=kind))
        deployment = await client.create_deployment(
            flow_id=await client.create_flow_from_name("nothing"),
            name=pool,
            entrypoint="benchmarks.worker_flow.nothing",
            work_pool_name=pool,
            enforce_parameter_schema=False,
        )
    with (folder / f"{pool}.log").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "prefect", "worker", "start", "--type", kind),
            *("--pool", pool, "--name", pool, "--limit", str(limit)),
            *("--install-policy", "never"),
            env=os.environ | {"PYTHONPATH": str(_ROOT)},
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    started = Worker(kind, pool, deployment, process)
    try:
        await _heard(started)
        yield started
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
        async with get_client() as client:
            await client.delete_deployment(deployment)


async def _heard(started: Worker) -> None:
    """Wait for its first heartbeat, and for whatever it still makes ready after that."""
    async with get_client() as client:
        for _ in range(_MOST_LOOKS):
            if await client.read_workers_for_work_pool(started.pool):
                break
            await asyncio.sleep(0.25)
    await asyncio.sleep(3)


def _tree_cpu(pid: int) -> float:
    process = Path(f"/proc/{pid}")
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    used = sum(int(field) for field in fields[11:15]) / _TICKS
    for task in (process / "task").iterdir():
        used += sum(_tree_cpu(int(child)) for child in (task / "children").read_text().split())
    return used
