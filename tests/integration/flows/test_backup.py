from __future__ import annotations

import asyncio
from pathlib import Path

from netstacks_tasks.store.config_keys import add_key

from .running import run
from .world import World, shown

CORE = ["core-frr-01", "core-rtr-01", "core-rtr-02", "core-rtr-03"]


def files(configs: Path) -> list[str]:
    return sorted(
        path.relative_to(configs).as_posix() for path in configs.rglob("*") if path.is_file()
    )


async def test_every_device_gets_a_version_a_file_and_a_result(world: World) -> None:
    ran = await run("backup", await world.backup_task(name="Nightly"))
    assert ran.state.is_completed(), ran.state.message

    results = await world.results(ran.id)
    running = [row for row in results if row["item"] == "running"]
    assert [row["device_name"] for row in running] == CORE
    assert all(row["ok"] and row["changed"] and row["snapshot_id"] for row in results)
    assert any(row["item"] == "startup" for row in results)
    versions = await world.rows("SELECT * FROM config_snapshots")
    assert len(versions) == len(results)
    assert files(world.configs) == sorted(
        f"configs/here/{row['device_name']}.{row['item']}.cfg" for row in results
    )
    (row,) = await world.rows("SELECT * FROM task_runs")
    assert (row["id"], row["task_name"], row["trigger"]) == (ran.id, "Nightly", "manual")
    (attempt,) = await world.rows("SELECT * FROM run_attempts")
    assert (attempt["attempt"], attempt["outcome"]) == (1, "completed")

    seen = await shown(ran.id)
    assert set(seen.artifacts) == {"table", "markdown", "progress"}
    assert "4/4 done, 0 failed" in seen.logs
    assert "100" in seen.artifacts["progress"]
    assert f"/runs/flow-run/{ran.id}" in seen.artifacts["markdown"]
    assert '"name":"Nightly' in seen.run
    assert ran.exit_code == 0


async def test_an_unchanged_device_makes_no_version_and_a_changed_one_a_diff(
    world: World,
) -> None:
    task_id = await world.backup_task()
    await run("backup", task_id)
    before = len(await world.rows("SELECT id FROM config_snapshots"))
    name = "core-rtr-02"
    await world.fleet.operations.change({"name": name, "lines": ["hostname renamed-by-test"]})
    try:
        ran = await run("backup", task_id)
    finally:
        await world.fleet.operations.change({"name": name, "lines": [f"hostname {name}"]})
    assert ran.state.is_completed(), ran.state.message

    changed = [row for row in await world.results(ran.id) if row["changed"]]
    assert [(row["device_name"], row["item"]) for row in changed] == [(name, "running")]
    assert len(await world.rows("SELECT id FROM config_snapshots")) == before + 1
    report = (await shown(ran.id)).artifacts["markdown"]
    assert "+hostname renamed-by-test" in report
    assert f"-hostname {name}" in report


async def test_one_failure_keeps_the_others_and_fails_the_run_once(world: World) -> None:
    await world.break_device("core-rtr-01", "down")
    ran = await run("backup", await world.backup_task())
    assert ran.state.is_failed()
    assert "1 of 4 devices failed" in str(ran.state.message)
    assert "core-rtr-01" in str(ran.state.message)
    ok = {row["device_name"]: row["ok"] for row in await world.results(ran.id)}
    assert ok == {name: name != "core-rtr-01" for name in CORE}
    (attempt,) = await world.rows("SELECT * FROM run_attempts")
    assert attempt["outcome"] == "failed"
    assert "core-rtr-01" in attempt["error"]
    table = (await shown(ran.id)).artifacts["table"]
    assert table.index("core-rtr-01") < table.index("core-frr-01")


async def test_a_retry_touches_only_what_failed(world: World) -> None:
    await world.break_device("core-frr-01", "password", times=1)
    ran = await run("backup", await world.backup_task(), retries=2)
    assert ran.state.is_completed(), ran.state.message
    logins = {name: world.counts(name).logins for name in CORE}
    assert set(logins.values()) == {1}
    attempts = {
        (row["device_name"], row["attempt"]): row["ok"] for row in await world.results(ran.id)
    }
    assert attempts == {
        ("core-frr-01", 1): False,
        ("core-frr-01", 2): True,
        **{(name, 1): True for name in CORE[1:]},
    }
    outcomes = await world.rows("SELECT attempt, outcome FROM run_attempts ORDER BY attempt")
    assert [row["outcome"] for row in outcomes] == ["failed", "completed"]


async def test_an_error_page_is_a_failure_and_never_a_version(world: World) -> None:
    for name, fault in (("core-rtr-01", "error_page"), ("core-frr-01", "truncate")):
        await world.break_device(name, fault)  # type: ignore[arg-type] # both are faults
    ran = await run("backup", await world.backup_task())
    assert ran.state.is_failed()
    failed = {row["device_name"]: row for row in await world.results(ran.id) if not row["ok"]}
    assert set(failed) == {"core-rtr-01", "core-frr-01"}
    assert {row["cause"] for row in failed.values()} == {"bad_output"}
    versions = await world.rows("SELECT device_name FROM config_snapshots")
    assert not {row["device_name"] for row in versions} & set(failed)
    assert not [path for path in files(world.configs) if "core-rtr-01.running" in path]


async def test_a_hanging_device_is_a_result_before_the_attempt_times_out(world: World) -> None:
    await world.break_device("core-frr-01", "hang")
    ran = await run("backup", await world.backup_task(), timeout=15)
    assert ran.state.is_failed()
    assert ran.state.name == "Failed"
    results = {row["device_name"]: row for row in await world.results(ran.id)}
    assert results["core-frr-01"]["cause"] == "timed_out"
    assert all(results[name]["ok"] for name in CORE if name != "core-frr-01")


async def test_no_secret_is_in_anything_that_is_shown(world: World) -> None:
    await world.break_device("core-rtr-01", "password")
    await world.break_device("core-rtr-02", "enable")
    task_id = await world.backup_task()
    texts = []
    for _ in range(2):
        ran = await run("backup", task_id)
        texts += [ran.output, str(await shown(ran.id))]
        await world.fleet.operations.heal({})
        await world.fleet.operations.change({"name": "core-rtr-03"})
    assert "What changed" in texts[-1]
    for table in ("task_runs", "device_results", "run_attempts"):
        texts.append(str(await world.rows(f"SELECT * FROM {table}")))  # noqa: S608
    assert all(len(text) > 200 for text in texts)
    assert not [secret for secret in world.secrets() if any(secret in text for text in texts)]


async def test_a_task_that_is_gone_or_of_no_known_credential(world: World) -> None:
    ran = await run("backup", "8f1a43a6-1c0f-4f4e-8f80-4f6d2a3a9d3e")
    assert (ran.state.is_cancelled(), ran.state.name) == (True, "Deleted")
    assert "it was deleted" in str(ran.state.message)
    ran = await run("backup", "no-uuid")
    assert ran.state.name == "Deleted"

    async with world.db.transaction() as connection:
        await connection.execute("UPDATE credentials SET block_name = 'missing' || block_name")
    ran = await run("backup", await world.backup_task())
    assert ran.state.is_failed()
    results = await world.results(ran.id)
    assert {(row["stage"], row["cause"]) for row in results} == {("credential", "auth")}
    assert "missing" in results[0]["summary"]


async def test_a_second_run_waits_for_the_first(world: World) -> None:
    await world.break_device("core-frr-01", "slow", seconds=2.0)
    task_id = await world.backup_task()
    await asyncio.gather(run("backup", task_id), run("backup", task_id))
    first, second = await world.rows("SELECT * FROM run_attempts ORDER BY started_at")
    assert first["ended_at"] <= second["started_at"]


async def test_hidden_secrets_are_in_no_version_and_no_file_and_change_nothing(
    world: World,
) -> None:
    task_id = await world.backup_task()
    hide = {"NETSTACKS_CONFIG_SECRETS": "hide"}
    await run("backup", task_id, environment=hide)
    texts = [row["content"] for row in await world.rows("SELECT content FROM config_snapshots")]
    texts += [(world.configs / name).read_text() for name in files(world.configs)]
    kept = "\n".join(texts)
    assert "hostname core-rtr-01" in kept
    assert "<hidden>" in kept
    assert not [secret for secret in world.secrets() if secret in kept]
    ran = await run("backup", task_id, environment=hide)
    assert not any(row["changed"] for row in await world.results(ran.id))


async def test_encrypted_versions_hold_no_text_and_files_no_secret(
    world: World, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    add_key(keys)
    task_id = await world.backup_task()
    ran = await run("backup", task_id, environment={"NETSTACKS_CONFIG_KEY_FILE": str(keys)})
    assert ran.state.is_completed(), ran.state.message
    rows = await world.rows("SELECT content, sealed FROM config_snapshots")
    assert all(row["content"] == "" and row["sealed"] for row in rows)
    written = "\n".join((world.configs / name).read_text() for name in files(world.configs))
    assert "hostname core-rtr-01" in written
    assert not [secret for secret in world.secrets() if secret in written]
    again = await run("backup", task_id, environment={"NETSTACKS_CONFIG_KEY_FILE": str(keys)})
    assert not any(row["changed"] for row in await world.results(again.id))
    written = "\n".join((world.configs / name).read_text() for name in files(world.configs))
    bare = await run("backup", task_id)
    assert bare.state.is_failed()
    assert {row["cause"] for row in await world.results(bare.id)} == {"storage"}
    now = "\n".join((world.configs / name).read_text() for name in files(world.configs))
    assert now == written
