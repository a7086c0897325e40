"""The long form: every task due each minute, the shipped sync with its own patience, three pools.

    python -m tests.integration.topology [--minutes 4]

Prints what became of every due time, and how long nothing answered or nobody worked on.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.embedded.processes import Program, SupervisedProcess
from netstacks_tasks.store import runs, tasks
from netstacks_tasks.store.database import Database
from tests.integration.topology.parts import Parts, running
from tests.integration.topology.story import DEFAULT_POOL, Plot, Story, show, story

PLOT = Plot(
    pools={"fra2": "pool-fra", "ams1": "pool-ams"},
    places={
        "edge-sw-01": "pool-fra",
        "core-rtr-02": "pool-fra",
        "core-rtr-03": "pool-fra",
        "srv-linux-01": "pool-ams",
        "edge-sw-04": "pool-ams",
        "core-routers": DEFAULT_POOL,
    },
)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@asynccontextmanager
async def _syncing(parts: Parts) -> AsyncIterator[None]:
    """`netstacks sync --watch`, as it is shipped."""

    async def ready() -> bool:
        return True

    process = SupervisedProcess(
        Program(
            name="The sync",
            argv=[str(Path(sys.prefix) / "bin" / "netstacks"), "sync", "--watch"],
            env={
                "PATH": os.environ["PATH"],
                "NETSTACKS_DATABASE_URL": parts.database_url,
                "NETSTACKS_STATE_DIR": str(parts.folder / "sync"),
                "PREFECT_API_URL": parts.api_url,
                "PREFECT_API_AUTH_STRING": parts.auth_string,
            },
            log=parts.folder / "sync.log",
            ready=ready,
            start_timeout=10,
            advice="Read its log.",
            cwd=parts.folder,
        )
    )
    await process.start()
    try:
        yield
    finally:
        await process.stop()


async def _longest_silence(parts: Parts, end: asyncio.Event) -> float:
    """Seconds in which no request was answered; asked five times a second, never repeated."""
    longest, answered = 0.0, time.monotonic()
    while not end.is_set():
        try:
            async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
                answer = await client.get(f"{parts.api_url}/ready")
            if answer.is_success:
                now = time.monotonic()
                longest, answered = max(longest, now - answered), now
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.2)
    return longest


async def _until_second(second: int) -> None:
    now = datetime.now(UTC)
    wanted = now.replace(second=second, microsecond=0)
    await asyncio.sleep((wanted - now).total_seconds() % 60)


async def _minutes(told: Story, count: int) -> None:
    """Let so many due times pass; in the second of them a server and a worker are killed."""
    await told.when_deployed()
    told.slow_down(2)
    await _until_second(0)
    first = datetime.now(UTC)
    await asyncio.sleep(60)
    killed = await told.working("pool-fra")
    at = datetime.now(UTC)
    told.parts.kill_server("server-1")
    told.parts.kill_worker("pool-fra")
    say(f"{at:%H:%M:%S} server-1 and the worker of pool-fra killed, {len(killed)} runs with it")
    await asyncio.sleep(5)
    await told.parts.start_worker("pool-fra")
    last = first + timedelta(minutes=count, seconds=-15)
    await asyncio.sleep((last - datetime.now(UTC)).total_seconds())
    for name in PLOT.places:
        await tasks.set_enabled(told.db, name, False)
    ended = await told.until(lambda found: bool(found) and all(run.ended_at for run in found))
    await show(told, ended, killed)
    again = [(await runs.attempts(told.db, run_id))[-1].started_at - at for run_id in killed]
    seconds = ", ".join(f"{one.total_seconds():.1f}" for one in sorted(again))
    say(f"killed runs were retried after {seconds} s")
    counted = Counter((run.task_name, run.scheduled_for) for run in ended)
    say(f"{len(counted)} due times, {len(ended)} runs: {dict(Counter(one.state for one in ended))}")


async def _whole(folder: Path, minutes: int) -> None:
    async with EmbeddedPostgres(folder / "postgres", durable=False) as postgres:
        url = await postgres.ensure_database("netstacks", role="netstacks", password="local")
        async with Database.open(url):
            pass
        (folder / "parts").mkdir()
        (folder / "fleet").mkdir()
        pools = [*PLOT.pools.values(), DEFAULT_POOL]
        async with (
            running(folder / "parts", postgres, url, pools) as parts,
            story(parts, folder / "fleet", PLOT, scheduled=True) as told,
            _syncing(parts),
        ):
            end = asyncio.Event()
            watching = asyncio.create_task(_longest_silence(parts, end))
            await _minutes(told, minutes)
            end.set()
            say(f"the API was silent for {await watching:.1f} s at most")
            say(f"connections: {dict(parts.balancer.taken)}, passed by {parts.balancer.passed_by}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=4)
    folder = Path(tempfile.mkdtemp(prefix="netstacks-topology-"))
    folder.chmod(0o711)
    try:
        asyncio.run(_whole(folder, parser.parse_args().minutes))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
