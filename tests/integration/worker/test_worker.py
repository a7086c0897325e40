"""What a run of a `netstacks` worker gets, and how its end is told."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from uuid import uuid4

import pytest
from prefect import get_client
from prefect.states import Cancelling

from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.sync.desired import task_tag

from .conftest import Working, children, is_gone, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux")


async def test_a_run_starts_though_the_next_regular_look_is_an_hour_away(worker: Working) -> None:
    run = await worker.ended(await worker.start("look", {"mark": "first"}))
    assert run.state is not None
    assert run.state.is_completed(), worker.log.read_text()[-3000:]


async def test_a_run_has_a_process_and_a_group_of_its_own(worker: Working) -> None:
    await worker.ended(await worker.start("look", {"mark": "process"}))
    seen = await worker.hears("process")
    assert seen["parent"] == await worker.warm_parent()
    assert seen["group"] == seen["pid"]
    assert await is_gone(seen["pid"])
    limit = next(line for line in seen["core"].splitlines() if "core file size" in line)
    assert limit.split()[4:6] == ["0", "0"]
    assert seen["dumpable"] == 0, "others of its user read its memory"
    assert seen["zones_are_read"], "each run reads them again"


async def test_a_run_works_in_an_empty_folder_that_goes_with_it(worker: Working) -> None:
    await worker.ended(await worker.start("look", {"mark": "folder"}))
    seen = await worker.hears("folder")
    assert seen["in_it"] == []
    await until(lambda: not Path(seen["directory"]).exists())


async def test_the_environment_of_the_deployment_holds_for_its_run_alone(worker: Working) -> None:
    await worker.ended(
        await worker.start(
            "look",
            {"mark": "tokyo"},
            environment={"TZ": "Asia/Tokyo", "OF_THIS_RUN": "1", "PREFECT_LOGGING_LEVEL": "DEBUG"},
        )
    )
    await worker.ended(await worker.start("look", {"mark": "plain"}))
    tokyo, plain = await worker.hears("tokyo"), await worker.hears("plain")
    assert tokyo["clock"] == "JST"
    assert tokyo["environment"]["OF_THIS_RUN"] == "1"
    assert plain["clock"] != "JST"
    assert "OF_THIS_RUN" not in plain["environment"]
    # Its engine spoke of more than that of the other.
    assert "DEBUG" in worker.log.read_text()


async def test_an_environment_that_only_a_new_interpreter_heeds_gets_one(worker: Working) -> None:
    run = await worker.ended(
        await worker.start(
            "look", {"mark": "fresh"}, environment={"PYTHONHASHSEED": "7", "LATE": "1"}
        )
    )
    assert run.state is not None
    assert run.state.is_completed()
    seen = await worker.hears("fresh")
    assert seen["parent"] == worker.process.pid
    assert seen["environment"]["PYTHONHASHSEED"] == "7"


async def test_the_warm_parent_has_nothing_that_children_must_not_share(worker: Working) -> None:
    await worker.ended(await worker.start("look", {"mark": "shared"}))
    parent = Path(f"/proc/{await worker.warm_parent()}")
    assert len(list((parent / "task").iterdir())) == 1
    kinds = [str(entry.readlink()).partition(":")[0] for entry in (parent / "fd").iterdir()]
    assert "socket" not in kinds
    assert "anon_inode" not in kinds
    seen = await worker.hears("shared")
    # Input, outputs, what the run opened itself: none of the parent's pipes.
    assert set(seen["readable"]) >= {0, 1, 2}


async def test_a_run_that_leaves_with_a_code_is_crashed_with_it(worker: Working) -> None:
    run = await worker.ended(await worker.start("leave", {"code": 7}))
    assert run.state is not None
    assert run.state.is_crashed()
    assert "ended with exit code 7" in (run.state.message or "")


async def test_a_killed_run_is_crashed_and_its_hook_runs_elsewhere(worker: Working) -> None:
    run = await worker.ended(await worker.start("die"))
    assert run.state is not None
    assert run.state.is_crashed()
    assert "ended by SIGKILL" in (run.state.message or "")
    seen = await worker.hears(f"hook-{run.id}")
    assert seen["state"] == "Crashed"
    assert seen["parent"] == await worker.warm_parent()


async def test_a_killed_run_of_a_task_is_retried_under_its_own_rules(worker: Working) -> None:
    run_id = await worker.start(
        "die",
        environment={
            "PREFECT_FLOWS_DEFAULT_RETRIES": "1",
            "PREFECT_FLOWS_DEFAULT_RETRY_DELAY_SECONDS": "0",
        },
        tags=[task_tag(uuid4())],
    )
    run = await worker.ended(run_id)
    assert run.state is not None
    assert run.state.is_crashed()
    assert run.run_count == 2, worker.log.read_text()[-4000:]
    async with get_client() as client:
        states = await client.read_flow_run_states(run_id)
    (put_off,) = [state for state in states if state.name == "AwaitingRetry"]
    assert "ended by SIGKILL" in (put_off.message or "")
    assert "To be retried: attempt 1 of 2" in (put_off.message or "")


async def test_a_run_gets_no_more_memory_than_its_limit(worker: Working) -> None:
    limited = await worker.start("allocate", {"mib": 900}, variables={"memory_limit_mib": 500})
    free = await worker.start("allocate", {"mib": 150}, variables={"memory_limit_mib": 500})
    refused = await worker.ended(limited)
    assert refused.state is not None
    assert refused.state.is_failed()
    assert "MemoryError" in (refused.state.message or "")
    had_room = await worker.ended(free)
    assert had_room.state is not None
    assert had_room.state.is_completed()


async def test_a_cancelled_run_ends_with_everything_it_started(worker: Working) -> None:
    run_id = await worker.start("linger", {"mark": "cancelled", "seconds": 120})
    seen = await worker.hears("cancelled")
    async with get_client() as client:
        await client.set_flow_run_state(run_id, Cancelling())
    run = await worker.ended(run_id)
    assert run.state is not None
    assert run.state.is_cancelled()
    assert await is_gone(seen["pid"])
    assert await is_gone(seen["child"])
    told = await worker.hears(f"hook-{run_id}")
    assert told["state"] == "Cancelling"


async def test_a_run_is_not_started_before_its_time(worker: Working) -> None:
    run = await worker.ended(await worker.start("look", {"mark": "later"}, after=2))
    assert run.state is not None
    assert run.state.is_completed()
    assert run.start_time is not None
    assert run.expected_start_time is not None
    assert run.start_time >= run.expected_start_time


async def test_runs_go_on_when_the_warm_parent_is_killed(worker: Working) -> None:
    run_id = await worker.start("linger", {"mark": "orphan", "seconds": 3})
    await worker.hears("orphan")
    before = await worker.warm_parent()
    os.kill(before, signal.SIGKILL)
    following = await worker.ended(await worker.start("look", {"mark": "after"}))
    orphan = await worker.ended(run_id)
    for run in (orphan, following):
        assert run.state is not None
        assert run.state.is_completed(), run.state.message
    seen = await worker.hears("after")
    assert seen["parent"] == await worker.warm_parent() != before
    assert worker.process.pid is not None
    assert children(worker.process.pid)


async def test_a_run_is_cancelled_after_the_server_was_away(
    worker: Working, prefect_stack: Stack
) -> None:
    run_id = await worker.start("linger", {"mark": "away", "seconds": 240})
    seen = await worker.hears("away")
    server = prefect_stack.server
    assert server is not None
    assert server.process is not None
    restarts = server.process.restarts
    assert server.process.pid is not None
    os.kill(server.process.pid, signal.SIGKILL)
    await until(lambda: server.process is not None and server.process.restarts > restarts)
    for _ in range(300):
        if await server.process.program.ready():
            break
        await asyncio.sleep(0.2)
    async with get_client() as client:
        await client.set_flow_run_state(run_id, Cancelling())
    run = await worker.ended(run_id)
    assert run.state is not None
    assert run.state.is_cancelled()
    assert await is_gone(seen["pid"])
