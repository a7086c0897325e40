"""A worker and its flow are killed; the run is found and retried."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from netstacks_tasks.embedded.worker import Worker
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import manual_runs
from netstacks_tasks.sync.catalogue import Entry
from netstacks_tasks.sync.janitor import Patience
from netstacks_tasks.sync.prefect_errors import open_client
from netstacks_tasks.sync.watch import WatchOptions, watch
from tests.integration.sync.conftest import AddTask

_ROOT = str(Path(__file__).parents[3])
_SECONDS = 90


class Lives:
    """Which runs live, by the process ids their flows wrote down."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def holders(self) -> set[RunId]:
        return {run_id for run_id, pid in self.pids().items() if _exists(pid)}

    def pids(self) -> dict[RunId, int]:
        found = {}
        for path in self.folder.iterdir():
            if len(path.name) == 36:
                found[RunId(UUID(path.name))] = int(path.read_text())
        return found


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_SECONDS):
        while not await condition():  # noqa: ASYNC110 - another process is watched
            await asyncio.sleep(0.5)


@pytest.fixture
def lives(tmp_path: Path) -> Lives:
    (tmp_path / "hang").touch()
    return Lives(tmp_path)


async def _row(database: Database) -> tuple[object, ...]:
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT r.state, r.attempts, r.trigger, t.last_status FROM tasks t"
            " LEFT JOIN task_runs r ON r.task_id = t.id AND r.state <> 'missed'"
        )
        row = await cursor.fetchone()
    assert row is not None
    return row


async def test_a_killed_worker_and_flow_are_followed_by_a_retry(
    database: Database, database_url: str, prefect_api: str, add_task: AddTask, lives: Lives
) -> None:
    async def changes() -> AsyncIterator[TaskId | None]:
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as db:
            await db.execute("LISTEN netstacks_tasks")
            yield None
            async for notice in db.notifies():
                yield TaskId(UUID(notice.payload))

    pool = f"recovery-{uuid4()}"
    options = WatchOptions(
        work_pool=pool,
        catalogue={
            "backup": Entry(
                flow_name="backup", entrypoint="tests.integration.sync.trivial_flows.backup"
            )
        },
        environment={"PYTHONPATH": _ROOT, "TRIVIAL_FLOW_FOLDER": str(lives.folder)},
        patience=Patience(unlocked=timedelta(seconds=5)),
    )
    stop = asyncio.Event()
    service = asyncio.create_task(
        watch(
            database, prefect_api, changes=changes, holders=lives.holders, options=options,
            stop=stop,
        )
    )  # fmt: skip
    name = f"recovers {uuid4()}"
    worker = _worker(lives.folder, prefect_api, pool)
    try:
        await add_task(name)

        async def synced() -> bool:
            async with database.connection() as connection:
                cursor = await connection.execute("SELECT deployment_id FROM tasks")
                return (await cursor.fetchone() or (None,))[0] is not None

        await _until(synced)
        await worker.start()
        await _run_by_hand(name, prefect_api)

        async def started() -> bool:
            return bool(lives.pids())

        await _until(started)
        (lives.folder / "hang").unlink()
        # Both: a worker that lives would report its flow's crash itself. It is started again.
        _kill_children(worker, lives)

        async def completed() -> bool:
            return (await _row(database))[0] == "completed"

        await _until(completed)
        assert await _row(database) == ("completed", 2, "manual", "completed")
    finally:
        await worker.stop()
        stop.set()
        await service


def _worker(folder: Path, api_url: str, pool: str) -> Worker:
    home = folder / f"home-{uuid4()}"
    return Worker(home, api_url=api_url, pool=pool, limit=2, log=folder / f"{home.name}.log")


def _kill_children(worker: Worker, lives: Lives) -> None:
    process = worker.process
    assert process is not None
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    for pid in lives.pids().values():
        os.kill(pid, signal.SIGKILL)


async def _run_by_hand(name: str, api_url: str) -> None:
    async with open_client(api_url) as client:
        deployment = await client.read_deployment_by_name(f"backup/{name}")
        await manual_runs.start(client, deployment.id)
