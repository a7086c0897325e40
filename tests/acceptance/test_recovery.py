"""A killed worker and a stopped database in the middle of a run: it ends well all the same."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

import pytest
import pytest_asyncio

from netstacks_tasks.demo.runs import DemoRuns
from netstacks_tasks.demo.scene import Scene
from netstacks_tasks.embedded.processes import SupervisedProcess
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.store import runs
from netstacks_tasks.store.database import Database

TASK = "Linux Server Backup"
SLOW_DEVICE = "srv-linux-01"


class Playing(NamedTuple):
    """A scene with its database open."""

    scene: Scene
    db: Database
    runs: DemoRuns


@pytest_asyncio.fixture(scope="module")
async def playing(staged: Scene) -> AsyncIterator[Playing]:
    stack = staged.stack
    async with Database.open(stack.database_url, migrate=False) as db:
        yield Playing(staged, db, DemoRuns(db, stack.api_url))


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(1800):
        if await condition():
            return
        await asyncio.sleep(0.1)
    pytest.fail("it never came true")


async def start_slow_run(playing: Playing) -> RunId:
    """A run that one device holds up, once it has begun."""
    task = (await playing.runs.when_deployed([TASK]))[TASK]
    playing.scene.fleet.break_device(SLOW_DEVICE, "slow", seconds=4)
    run_id = await playing.runs.start(task)

    async def others_are_kept() -> bool:
        return len(await runs.results(playing.db, run_id)) == 3

    await until(others_are_kept)
    return run_id


def process_of(part: object) -> SupervisedProcess:
    process = getattr(part, "process", None)
    assert isinstance(process, SupervisedProcess)
    return process


async def test_a_run_whose_worker_is_killed_is_retried(playing: Playing) -> None:
    run_id = await start_slow_run(playing)
    pid = process_of(playing.scene.stack.worker).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    playing.scene.fleet.heal()
    run = await playing.runs.ended(run_id)
    assert run.state == "completed"
    attempts = await runs.attempts(playing.db, run_id)
    assert [attempt.outcome for attempt in attempts] == ["crashed", "completed"]
    results = {result.device_name: result for result in await playing.runs.results(run_id)}
    assert all(result.ok for result in results.values())
    # What the first attempt had captured was not captured again.
    assert {name: result.attempt for name, result in results.items()} == {
        "srv-linux-01": 2,
        "srv-linux-02": 1,
        "srv-linux-03": 1,
        "srv-linux-04": 1,
    }


async def test_a_run_outlives_a_restart_of_the_database(playing: Playing) -> None:
    """An orderly one, which takes longer; `tests/chaos` kills it."""
    run_id = await start_slow_run(playing)
    server = process_of(playing.scene.stack.postgres)
    restarts = server.restarts
    assert server.pid is not None
    os.kill(server.pid, signal.SIGINT)

    async def is_back() -> bool:
        return server.restarts > restarts and await server.program.ready()

    await until(is_back)
    run = await playing.runs.ended(run_id)
    assert run.state == "completed"
    results = await playing.runs.results(run_id)
    assert sorted(result.device_name for result in results) == [
        f"srv-linux-0{number}" for number in range(1, 5)
    ]
    assert all(result.ok for result in results)


async def test_a_run_started_while_the_worker_is_down_is_picked_up(playing: Playing) -> None:
    playing.scene.fleet.heal()
    task = (await playing.runs.when_deployed([TASK]))[TASK]
    worker = process_of(playing.scene.stack.worker)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    run = await playing.runs.ended(await playing.runs.start(task))
    assert run.state == "completed"


async def test_a_run_cancelled_in_prefect_ends_and_lets_the_next_one_in(playing: Playing) -> None:
    run_id = await start_slow_run(playing)
    cancel = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "prefect", "flow-run", "cancel", str(run_id)),
        env={**os.environ, "PREFECT_API_URL": playing.scene.stack.api_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await cancel.communicate()
    assert cancel.returncode == 0, said.decode()
    run = await playing.runs.ended(run_id)
    assert run.state == "cancelled"
    assert [attempt.outcome for attempt in await runs.attempts(playing.db, run_id)] == ["cancelled"]
    # What it had captured is kept, and nothing of it holds up the next run.
    assert all(result.ok for result in await playing.runs.results(run_id))
    playing.scene.fleet.heal()
    task = (await playing.runs.when_deployed([TASK]))[TASK]
    following = await playing.runs.ended(await playing.runs.start(task))
    assert following.state == "completed"
