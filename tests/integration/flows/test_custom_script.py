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
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.operations.script.isolation import Isolation, isolation_for
from tests.integration.script.running import ran

from .running import create, execute, process_of, run
from .world import World, shown

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


async def test_a_failing_script_fails_each_attempt_with_its_last_words(world: World) -> None:
    task_id = await task(world, "echo no such router >&2; exit 3")
    ran = await run("custom_script", task_id, retries=1)
    assert ran.state.is_failed()
    attempts = await world.rows("SELECT * FROM run_attempts WHERE run_id = %s", ran.id)
    assert [row["outcome"] for row in attempts] == ["failed", "failed"]
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


def credential_of(marker: str) -> Path:
    """The file with the secrets of the script whose process has a name."""
    (pid,) = started_as(marker)
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    given = dict(one.split(b"=", 1) for one in variables if one)
    return Path(given[b"NETSTACKS_CREDENTIAL"].decode())


def left_of(credential: Path) -> bool:
    """Whether the folder that held it is there."""
    return credential.parent.parent.exists()


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
async def test_it_ends_with_the_process_of_its_run_and_what_it_reported_is_kept(
    world: World, number: signal.Signals
) -> None:
    marker = f"mark-{uuid4().hex}"
    script = (
        'echo \'{"device": "core-frr-01", "ok": true}\' > $NETSTACKS_RESULTS\n'
        f"setsid bash -c 'trap \"\" TERM; exec -a {marker} sleep 600' & wait"
    )
    target = {"target_type": "device_group", "target_id": CORE}
    task_id = await task(world, script, credential_id=str(EDGE.id), **target)
    run_id = await create("custom_script", task_id)
    running = asyncio.ensure_future(execute(run_id, "custom_script"))
    while not (started_as(marker) and await world.results(run_id)):
        assert not running.done(), running.result().output
        await asyncio.sleep(0.1)
    credential = credential_of(marker)
    assert left_of(credential)
    os.kill(process_of(run_id), number)
    await running
    for _ in range(600):
        if not started_as(marker) and not left_of(credential):
            break
        await asyncio.sleep(0.1)
    assert started_as(marker) == []
    assert not left_of(credential)
    (kept,) = await world.results(run_id)
    assert (kept["device_name"], kept["item"], kept["ok"]) == ("core-frr-01", "script", True)


async def test_a_retry_is_given_the_devices_that_are_not_done(world: World) -> None:
    script = """
import json, os
names = sorted(one["name"] for one in json.load(open(os.environ["NETSTACKS_DEVICES"])))
print("given", *names)
first, *others = names
with open(os.environ["NETSTACKS_RESULTS"], "a") as results:
    if first == "core-frr-01":
        results.write("nonsense\\n" + json.dumps({"device": "nobody", "ok": True}) + "\\n")
        print(json.dumps({"device": first, "ok": True, "summary": "12 | routes"}), file=results)
        if others:
            secret = json.load(open(os.environ["NETSTACKS_CREDENTIAL"]))["password"]
            said = {"device": others[0], "ok": False, "summary": "refused " + secret}
            print(json.dumps(said), file=results)
    else:
        for name in names:
            print(json.dumps({"device": name, "ok": True}), file=results)
"""
    target = {"target_type": "device_group", "target_id": CORE}
    task_id = await task(world, script, interpreter="python", credential_id=str(EDGE.id), **target)
    ran = await run("custom_script", task_id, retries=1)
    assert ran.state.is_completed(), ran.state.message
    attempts = await world.rows(
        "SELECT * FROM run_attempts WHERE run_id = %s ORDER BY attempt", ran.id
    )
    assert [row["outcome"] for row in attempts] == ["failed", "completed"]
    assert attempts[0]["error"] == (
        "1 of 2 devices failed: core-rtr-01 script: script/reported: refused <hidden>"
    )
    results = await world.results(ran.id)
    names = sorted({row["device_name"] for row in results})
    assert names[:2] == ["core-frr-01", "core-rtr-01"]
    found = {(row["device_name"], row["attempt"]): row["ok"] for row in results}
    assert found == {
        ("core-frr-01", 1): True,
        ("core-rtr-01", 1): False,
        **{(name, 2): True for name in names[1:]},
    }
    seen = await shown(ran.id)
    assert f"given {' '.join(names)}" in seen.logs
    assert f"given {' '.join(names[1:])}" in seen.logs
    assert "line 1 of the results: Invalid JSON" in seen.logs
    assert "no device of the task is called 'nobody'" in seen.logs
    assert f"nothing was reported of {', '.join(names[2:])}" in seen.logs
    assert "12 \\\\| routes" in seen.artifacts["table"]  # its cells are markdown, in JSON
    assert "12 \\| routes" in seen.artifacts["markdown"]
    assert not [secret for secret in world.secrets() if len(secret) > 6 and secret in str(seen)]


async def test_a_device_and_the_script_that_fail_are_both_told(world: World) -> None:
    script = (
        'echo \'{"device": "core-frr-01", "ok": false, "summary": "no BGP"}\' '
        ">> $NETSTACKS_RESULTS; echo why >&2; exit 4"
    )
    target = {"target_type": "device_group", "target_id": CORE}
    ran = await run("custom_script", await task(world, script, **target))
    assert ran.state.is_failed()
    (attempt,) = await world.rows("SELECT * FROM run_attempts WHERE run_id = %s", ran.id)
    assert attempt["error"] == (
        "1 of 1 devices failed: core-frr-01 script: script/reported: no BGP; "
        "the script failed: it ended with exit code 4; its last words:\nwhy"
    )


async def test_artifacts_that_cannot_be_kept_fail_the_run_with_the_reason(world: World) -> None:
    world.configs.write_text("a file where the store should be")
    ran = await run("custom_script", await task(world, "echo 42 > artifacts/count.txt; echo done"))
    assert ran.state.is_failed()
    (attempt,) = await world.rows("SELECT * FROM run_attempts WHERE run_id = %s", ran.id)
    assert attempt["error"].startswith("its artifacts could not be kept in ")
    assert "give the worker's user the right to write there" in attempt["error"]
    assert "exit code 0" in (await shown(ran.id)).artifacts["markdown"]


async def test_nothing_of_the_worker_reaches_the_script(world: World) -> None:
    script = """
import glob, os, pathlib
print("mine", [name for name in os.environ if name.startswith(("PREFECT", "NETSTACKS_DATABASE"))])
for name in glob.glob("/proc/[0-9]*/environ"):
    try:
        text = pathlib.Path(name).read_text(errors="replace")
    except OSError:
        continue
    for canary in ("of-the-" + "worker", "postgresql" + "://", "AUTH_" + "STRING="):
        if canary in text:
            print("found in", name)
print("looked")
"""
    planted = {
        "PREFECT_API_KEY": "canary-of-the-worker",
        "NETSTACKS_DATABASE_URL": world.db.url,
    }
    task_id = await task(world, script, interpreter="python", max_output_kib=64)
    ran = await run("custom_script", task_id, environment=planted)
    assert ran.state.is_completed(), ran.state.message
    seen = await shown(ran.id)
    assert "mine []" in seen.logs
    assert "looked" in seen.logs
    assert "found in" not in seen.logs
    assert "isolation: " in seen.logs


_BREAK_IN = """
import json, sys, urllib.error, urllib.request

api, *private = sys.argv[1:]
open_it = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

def tried(path, body=None, **headers):
    headers["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body).encode()
    try:
        with open_it(urllib.request.Request(api + path, data, headers), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()

wanted = {"include_secrets": True}
print("ready", tried("/ready"))
print("blocks", tried("/block_documents/filter", wanted))
print("guessed", tried("/block_documents/filter", wanted, Authorization="Basic bmV0c3RhY2tzOg=="))
print("runs", tried("/flow_runs/filter", {}))
print("settings", tried("/admin/settings"))
for path in private:
    try:
        print("read", open(path).read())
    except OSError as error:
        print("closed", type(error).__name__)
"""


@pytest.mark.parametrize("walls", ["strongest", "no bubblewrap"])
async def test_a_script_gets_no_password_from_prefect(
    world: World, prefect_stack: Stack, walls: str
) -> None:
    """It has the network, and so the way to Prefect: a login keeps it out."""
    found = isolation_for(uuid4())
    isolation = found if walls == "strongest" else Isolation(uid=found.uid, bubblewrap=None)
    if walls == "strongest" and found.bubblewrap is None:
        pytest.skip("no bubblewrap works on this machine")
    assert prefect_stack.login_file is not None
    private = [prefect_stack.login_file, prefect_stack.state_dir / "connection.json"]
    if isolation == Isolation(uid=None, bubblewrap=None):
        private = []  # such a script reads what its worker's user does, and its run says so
    done = await ran(isolation, _BREAK_IN, prefect_stack.api_url, *map(str, private))
    assert done.end.exit_code == 0, done.lines
    said = [line for _, line in done.lines]
    refused = '(401, \'{"exception_message":"Unauthorized"}\')'
    assert said[0].startswith("ready (200")
    assert said[1:5] == [f"{what} {refused}" for what in ("blocks", "guessed", "runs", "settings")]
    assert len(said[5:]) == len(private)
    assert all(line.startswith("closed ") for line in said[5:])
    assert not [secret for secret in world.secrets() if secret in "".join(said)]


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
