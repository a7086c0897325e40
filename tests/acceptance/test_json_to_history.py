"""A JSON file goes in; a version and a history row come out."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from netstacks_tasks.demo.fleet_control import FleetControl
from netstacks_tasks.demo.scene import Scene
from netstacks_tasks.demo.scripted_model import NAME, SIGN, scripted_model
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.models.parameters import DEFAULT_MODEL_BLOCK

PROGRAM = (sys.executable, "-c", "from netstacks_tasks.cli.main import main; main()")
TASK: Final[dict[str, Any]] = {
    "name": "Acceptance Backup",
    "task_type": "backup",
    "cron_expression": "0 0 29 2 *",
    "timezone": "America/New_York",
    "max_retries": 1,
    "retry_delay_seconds": 1,
    "timeout_seconds": 120,
    "parameters": {
        "type": "backup",
        "target_type": "device_group",
        "target_id": "a1b2c3d4-5678-9abc-def0-123456789abc",
        "destination": "acceptance/core",
    },
}


@pytest.fixture
def stack(staged: Scene) -> Stack:
    return staged.stack


async def command(stack: Stack, *words: str) -> tuple[int, str, str]:
    """Run a program of the environment as a person on this machine would."""
    # Where Prefect is and what it asks for is found by the state folder.
    kept = {name: one for name, one in os.environ.items() if not name.startswith("PREFECT_API_")}
    process = await asyncio.create_subprocess_exec(
        *words,
        env={**kept, "NETSTACKS_STATE_DIR": str(stack.state_dir)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 240)
    return process.returncode or 0, out.decode(), err.decode()


async def netstacks(stack: Stack, *words: str) -> Any:  # noqa: ANN401 - JSON
    status, out, err = await command(stack, *PROGRAM, *words, "--json")
    assert status == 0, err
    return json.loads(out)


async def test_a_json_file_becomes_versions_and_history(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "task.json"
    file.write_text(json.dumps(TASK))
    task = await netstacks(stack, "task", "create", "-f", str(file))
    ran = await netstacks(stack, "task", "run", TASK["name"], "--wait")
    assert ran["run"]["state"] == "completed"
    assert ran["run"]["task_id"] == task["id"]
    captured = {result["device_name"] for result in ran["results"] if result["ok"]}
    versions = await netstacks(stack, "snapshot", "list", "--destination", "acceptance/core")
    assert {version["device_name"] for version in versions} == captured
    assert len(captured) >= 4
    running = next(one for one in versions if one["source"] == "running")
    shown = await netstacks(stack, "snapshot", "show", running["id"])
    assert f"hostname {running['device_name']}" in shown["content"]
    newest = stack.config_store / "acceptance/core" / f"{running['device_name']}.running.cfg"
    assert f"hostname {running['device_name']}" in newest.read_text()
    shown_task = await netstacks(stack, "task", "show", TASK["name"])
    assert shown_task["last_status"] == "completed"
    assert shown_task["last_run_at"] is not None


async def test_prefects_own_command_runs_it_and_unchanged_devices_make_no_version(
    stack: Stack,
) -> None:
    before = await netstacks(stack, "snapshot", "list", "--destination", "acceptance/core")
    typed = f'eval "$({shlex.join([*PROGRAM, "env"])})" && exec "$@"'
    status, out, err = await command(
        stack,
        "sh", "-c", typed, "sh",
        sys.executable, "-m", "prefect", "deployment", "run", "--watch",
        f"backup/{TASK['name']}",
    )  # fmt: skip
    assert status == 0, out + err
    history = await _ended(stack, runs=2)
    assert [run["state"] for run in history] == ["completed", "completed"]
    after = await netstacks(stack, "snapshot", "list", "--destination", "acceptance/core")
    assert [one["id"] for one in after] == [one["id"] for one in before]


async def test_an_error_page_fails_the_run_and_makes_no_version(
    stack: Stack, tmp_path: Path
) -> None:
    fleet = FleetControl(stack.state_dir / "demo-fleet")
    parameters = {**TASK["parameters"], "destination": "acceptance/refused"}
    file = tmp_path / "task.json"
    file.write_text(json.dumps({**TASK, "name": "Refused Backup", "parameters": parameters}))
    await netstacks(stack, "task", "create", "-f", str(file))
    await asyncio.to_thread(fleet.break_device, "core-rtr-01", "error_page")
    try:
        status, out, err = await command(
            stack, *PROGRAM, "task", "run", "Refused Backup", "--wait", "--json"
        )
    finally:
        await asyncio.to_thread(fleet.heal)
    assert status == 1, err
    ran = json.loads(out)
    assert (ran["run"]["state"], len(ran["attempts"])) == ("failed", 2)
    failed = [result for result in ran["results"] if not result["ok"]]
    assert {(one["device_name"], one["stage"], one["cause"]) for one in failed} == {
        ("core-rtr-01", "capture", "bad_output")
    }
    assert "core-rtr-01" in ran["run"]["message"]
    versions = await netstacks(stack, "snapshot", "list", "--destination", "acceptance/refused")
    kept = {version["device_name"] for version in versions}
    assert len(kept) >= 4
    assert "core-rtr-01" not in kept
    first = {one["device_name"] for one in ran["results"] if one["attempt"] == 1}
    assert kept | {"core-rtr-01"} == first


async def test_a_script_reports_its_devices_and_leaves_files(stack: Stack) -> None:
    file = Path(__file__).parents[1] / "examples" / "custom_script-task.json"
    task = await netstacks(stack, "task", "create", "-f", str(file))
    ran = await netstacks(stack, "task", "run", task["id"], "--wait")
    assert ran["run"]["state"] == "completed"
    assert {(one["item"], one["ok"], one["summary"]) for one in ran["results"]} == {
        ("script", True, "quiet")
    }
    core = await netstacks(stack, "device", "list", "--group", "core-routers")
    assert {one["device_name"] for one in ran["results"]} == {one["name"] for one in core}
    kept = stack.config_store / "script-artifacts" / ran["run"]["id"] / "1" / "alarms.json"
    assert kept.read_text() == "[]"
    shown = await netstacks(stack, "task", "show", task["id"])
    assert shown["last_status"] == "completed"


async def test_the_example_deployment_pushes_its_stack_once(stack: Stack) -> None:
    file = Path(__file__).parents[1] / "examples" / "deployment-task.json"
    name = json.loads(file.read_text())["name"]
    await netstacks(stack, "import", str(file))
    ran = await netstacks(stack, "task", "run", name, "--wait")
    assert ran["run"]["state"] == "completed"
    changed = [one for one in ran["results"] if one["changed"]]
    assert {one["summary"] for one in changed} == {"4 lines added, 0 taken away, verified"}
    diff = (await netstacks(stack, "snapshot", "diff", changed[0]["snapshot_id"]))["diff"]
    assert {"+vlan 730", "+ name cameras"} <= set(diff.splitlines())
    again = await netstacks(stack, "task", "run", name, "--wait")
    assert {one["summary"] for one in again["results"]} == {"no change: it holds what was rendered"}
    shown = await netstacks(stack, "task", "show", name)
    assert (shown["last_status"], shown["timezone"]) == ("completed", "America/Los_Angeles")


async def test_the_example_question_is_answered_from_devices_and_history(stack: Stack) -> None:
    file = Path(__file__).parents[1] / "examples" / "agent-task.json"
    name = json.loads(file.read_text())["name"]
    await netstacks(stack, "import", str(file))
    async with scripted_model() as base_url:
        await stack.save_model(
            DEFAULT_MODEL_BLOCK, {"base_url": base_url, "model": NAME, "tool_choice": "required"}
        )
        ran = await netstacks(stack, "task", "run", name, "--wait")
    assert ran["run"]["state"] == "completed"
    assert {one["item"] for one in ran["results"]} >= {"bgp_neighbours", "interface_counters"}
    kept = stack.config_store / "agent-transcripts" / ran["run"]["id"] / "1.json"
    answer = json.loads(kept.read_text())["answer"]
    told = {(one["device"], one["evidence"].removeprefix(f"{SIGN} ")) for one in answer["findings"]}
    assert ("core-rtr-01", "BGP neighbour 10.1.1.14 (AS 64601) is down") in told
    assert any("errors: " in evidence for _, evidence in told)
    assert all(line.startswith(SIGN) for line in answer["summary"].splitlines())


async def test_doctor_finds_nothing_wrong(stack: Stack) -> None:
    status, out, err = await command(stack, *PROGRAM, "doctor", "--json")
    failed = [one for one in json.loads(out)["findings"] if one["status"] == "fail"]
    assert (status, failed) == (0, []), err


async def _ended(stack: Stack, runs: int) -> list[dict[str, Any]]:
    """The history once that many runs are over."""
    async with asyncio.timeout(60):
        while True:
            found: list[dict[str, Any]] = await netstacks(stack, "task", "history", TASK["name"])
            if len(found) >= runs and all(run["ended_at"] for run in found):
                return found
            await asyncio.sleep(1)


@pytest.mark.parametrize("canary", ["password", "snmp"])
async def test_no_secret_of_a_device_reaches_prefect(stack: Stack, canary: str) -> None:
    """What Prefect shows people: parameters, logs, artifacts, states."""
    import psycopg

    secrets = json.loads(next(stack.state_dir.rglob("secrets.json")).read_text())
    wanted = sorted(_strings(secrets, canary))
    assert wanted
    assert stack.postgres is not None
    url = stack.postgres.url("prefect")
    async with await psycopg.AsyncConnection.connect(url) as connection:
        for table in ("log", "artifact", "flow_run", "flow_run_state", "deployment"):
            cursor = await connection.execute(f"SELECT t::text FROM {table} t")  # noqa: S608
            rows = "\n".join([row[0] for row in await cursor.fetchall()])
            for secret in wanted:
                assert secret not in rows, f"a {canary} is in Prefect's table {table}"


async def test_the_login_of_prefect_is_nowhere_after_all_these_runs(stack: Stack) -> None:
    import psycopg
    from psycopg import sql

    assert stack.login_file is not None
    auth_string = stack.login_file.read_text().strip()
    wanted = (auth_string.split(":")[1], base64.b64encode(auth_string.encode()).decode())
    texts = {log.name: log.read_text() for log in stack.logs.iterdir()}
    assert stack.postgres is not None
    for database in ("prefect", "netstacks"):
        async with await psycopg.AsyncConnection.connect(stack.postgres.url(database)) as session:
            names = await (
                await session.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ).fetchall()
            for (name,) in names:
                query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name))
                rows = await (await session.execute(query)).fetchall()
                texts[f"{database}.{name}"] = "\n".join(row[0] for row in rows)
    assert {"worker.log", "prefect.flow_run", "prefect.deployment", "prefect.log"} <= texts.keys()
    assert texts["prefect.log"]
    assert [name for name, text in texts.items() if any(one in text for one in wanted)] == []


def _strings(value: object, word: str, found: bool = False) -> set[str]:
    """Every text below a key that holds the word."""
    if isinstance(value, dict):
        return {
            text for key, one in value.items() for text in _strings(one, word, found or word in key)
        }
    return {value} if found and isinstance(value, str) and len(value) >= 8 else set()
