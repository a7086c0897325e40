"""How long after an edit Prefect shows it."""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prefect.client.orchestration import PrefectClient

from benchmarks.sync_world import NETSTACKS, World
from netstacks_tasks.sync.prefect_errors import open_client

# Each edit says something that was never said before.
_DELAYS = itertools.count(1000 + int(time.time()) % 50_000)
_POLL = 0.02
_PATIENCE = 60.0


@asynccontextmanager
async def watching(world: World) -> AsyncIterator[None]:
    """Inside it `netstacks sync --watch` runs, as a program of its own."""
    process = await asyncio.create_subprocess_exec(
        *NETSTACKS, "sync", "--watch", env=world.environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    while b"watching the task table" not in (line := await process.stderr.readline()):
        if not line:
            raise RuntimeError("`netstacks sync --watch` has ended")
    drained = asyncio.create_task(process.stderr.read())
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
        await drained


async def edits(world: World, count: int, *, among: int) -> list[float]:
    """Edit tasks at random times; seconds until Prefect's API shows each edit."""
    chance = random.Random(1)  # noqa: S311 - the same edits at every run
    waited = []
    async with open_client(world.stack.api_url) as client:
        for _ in range(count):
            await asyncio.sleep(chance.uniform(0, 0.5))
            name = f"Nightly backup {chance.randrange(among):05}"
            delay = next(_DELAYS)
            began = time.perf_counter()
            task = await world.netstacks.update(name, {"retry_delay_seconds": delay})
            while not await _shows(client, str(task.deployment_id), str(delay)):
                if time.perf_counter() - began > _PATIENCE:
                    raise RuntimeError(f"an edit of {name} is not in Prefect after a minute")
                await asyncio.sleep(_POLL)
            waited.append(time.perf_counter() - began)
    return waited


async def _shows(client: PrefectClient, deployment_id: str, delay: str) -> bool:
    answer = await client.request("GET", "/deployments/{id}", path_params={"id": deployment_id})
    environment = answer.json()["job_variables"]["env"]
    return bool(environment["PREFECT_FLOWS_DEFAULT_RETRY_DELAY_SECONDS"] == delay)


def told(waited: list[float]) -> str:
    """The percentiles, for people."""
    p95 = statistics.quantiles(waited, n=20, method="inclusive")[18]
    return (
        f"{len(waited)} edits: p50 {statistics.median(waited):.2f} s, p95 {p95:.2f} s, "
        f"most {max(waited):.2f} s"
    )
