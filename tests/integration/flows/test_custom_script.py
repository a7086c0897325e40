from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from netstacks_tasks.demo.simulated.catalogue import CREDENTIALS, GROUPS

from .world import World, create, execute, process_of, run, shown

EDGE = next(found for found in CREDENTIALS if found.name == "edge-switches")
CORE = next(str(found.id) for found in GROUPS if found.name == "core-routers")


async def task(world: World, script: str | None, **more: Any) -> str:  # noqa: ANN401
    given = {} if script is None else {"script": script}
    return await world.task({"type": "custom_script", "interpreter": "bash", **given, **more})


async def test_a_script_without_devices_runs_and_its_words_are_in_the_log(world: World) -> None:
    ran = await run("custom_script", await task(world, "echo hello; echo careful >&2"))
    assert ran.state.is_completed(), ran.state.message
    seen = await shown(ran.id)
    assert "stdout: hello" in seen.logs
    assert "stderr: careful" in seen.logs
    assert "isolation: " in seen.logs
    assert "exit code 0" in seen.artifacts["markdown"]
    assert "hello" in seen.artifacts["markdown"]


async def test_it_gets_the_devices_of_its_target_and_the_credential_of_the_task(
    world: World,
) -> None:
    script = """
import json, os
print("devices", *sorted(d["name"] for d in json.load(open(os.environ["NETSTACKS_DEVICES"]))))
found = json.load(open(os.environ["NETSTACKS_CREDENTIAL"]))
print("credential", found["username"], found["password"])
"""
    target = {"target_type": "device_group", "target_id": CORE}
    task_id = await task(world, script, interpreter="python", credential_id=str(EDGE.id), **target)
    ran = await run("custom_script", task_id)
    assert ran.state.is_completed(), ran.state.message
    seen = await shown(ran.id)
    assert "devices core-frr-01 core-rtr-01" in seen.logs
    assert "<hidden>" in seen.logs
    assert not [secret for secret in world.secrets() if len(secret) > 6 and secret in str(seen)]


async def test_without_a_credential_of_the_task_it_gets_none(world: World) -> None:
    target = {"target_type": "device_group", "target_id": CORE}
    task_id = await task(world, 'echo "credential:${NETSTACKS_CREDENTIAL:-none}"', **target)
    ran = await run("custom_script", task_id)
    assert "credential:none" in (await shown(ran.id)).logs


async def test_a_failing_script_fails_the_run_with_its_last_words(world: World) -> None:
    ran = await run("custom_script", await task(world, "echo no such router >&2; exit 3"))
    assert ran.state.is_failed()
    attempts = await world.rows("SELECT * FROM run_attempts WHERE run_id = %s", ran.id)
    assert [row["outcome"] for row in attempts] == ["failed"]
    assert "it ended with exit code 3; its last words:\nno such router" in attempts[0]["error"]
    assert "no such router" in (await shown(ran.id)).artifacts["markdown"]


def started_as(marker: str) -> list[int]:
    """Processes of a name, which no test's own arguments hold first."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if entry.read_bytes().split(b"\0")[0] == marker.encode():
                found.append(int(entry.parent.name))
    return found


async def test_the_time_limit_ends_it_and_keeps_what_it_had_said(world: World) -> None:
    marker = f"mark-{uuid4().hex}"
    script = f"echo begun; trap '' TERM; echo half > artifacts/half; exec -a {marker} sleep 600"
    ran = await run("custom_script", await task(world, script), timeout=8)
    assert ran.state.is_failed()
    (attempt,) = await world.rows("SELECT * FROM run_attempts WHERE run_id = %s", ran.id)
    assert attempt["outcome"] == "timed_out"
    assert "it was still running after" in attempt["error"]
    report = (await shown(ran.id)).artifacts["markdown"]
    assert "begun" in report
    assert "half" in report
    assert started_as(marker) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_it_ends_with_the_process_of_its_run(world: World, number: signal.Signals) -> None:
    marker = f"mark-{uuid4().hex}"
    script = f"setsid bash -c 'trap \"\" TERM; exec -a {marker} sleep 600' & wait"
    run_id = await create("custom_script", await task(world, script))
    running = asyncio.ensure_future(execute(run_id, "custom_script"))
    while not started_as(marker):
        assert not running.done(), running.result().output
        await asyncio.sleep(0.1)
    os.kill(process_of(run_id), number)
    await running
    for _ in range(600):
        if not started_as(marker):
            break
        await asyncio.sleep(0.1)
    assert started_as(marker) == []


async def test_a_retry_runs_it_again(world: World) -> None:
    ran = await run("custom_script", await task(world, "exit 1"), retries=1)
    assert ran.state.is_failed()
    attempts = await world.rows("SELECT * FROM run_attempts WHERE run_id = %s", ran.id)
    assert [row["outcome"] for row in attempts] == ["failed", "failed"]


async def test_what_it_leaves_in_artifacts_is_kept_with_the_run(world: World) -> None:
    ran = await run("custom_script", await task(world, "echo 42 > artifacts/count.txt"))
    assert ran.state.is_completed(), ran.state.message
    kept = world.configs / "script-artifacts" / str(ran.id) / "1" / "count.txt"
    assert kept.read_text() == "42\n"
    assert "count.txt" in (await shown(ran.id)).artifacts["markdown"]


async def test_a_stored_script_runs_with_its_own_interpreter(world: World) -> None:
    script_id = uuid4()
    async with world.db.transaction() as connection:
        await connection.execute(
            "INSERT INTO scripts (id, name, interpreter, body) VALUES (%s, 's', 'python', %s)",
            (script_id, "import sys; print('arguments', sys.argv[1:])"),
        )
    task_id = await task(world, None, script_id=str(script_id), arguments=["a b"])
    ran = await run("custom_script", task_id)
    assert ran.state.is_completed(), ran.state.message
    assert "arguments ['a b']" in (await shown(ran.id)).logs


async def test_an_empty_target_is_refused(world: World) -> None:
    empty = uuid4()
    async with world.db.transaction() as connection:
        await connection.execute(
            "INSERT INTO device_groups (id, name) VALUES (%s, 'empty')", (empty,)
        )
    target = {"target_type": "device_group", "target_id": str(empty)}
    ran = await run("custom_script", await task(world, "echo never", **target))
    assert ran.state.is_failed()
    assert "echo" not in (await shown(ran.id)).logs
    with pytest.raises(Exception, match="the task's target holds no device"):
        await ran.state.result()
