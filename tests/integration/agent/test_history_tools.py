"""Runs and configuration versions, as the agent's tools tell of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.operations.agent.tools.history import (
    DiffQuestion,
    RunsQuestion,
    config_diff,
    recent_task_runs,
)
from netstacks_tasks.operations.agent.tools.selection import Inventory
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store import inventory, run_search, runs, snapshots, tasks
from netstacks_tasks.store.agent_records import AgentRecords
from netstacks_tasks.store.database import Database
from tests.integration.store import samples
from tests.integration.store.samples import HEALTH, R1, R2, run_id, task

NOW = datetime(2026, 11, 25, 7, tzinfo=UTC)
SOON = Deadline.after(600)


@pytest.fixture
async def records(database: Database) -> AgentRecords:
    await samples.fill(database)
    redactor = Redactor()
    return AgentRecords(database, lambda of, text: redactor.private_keys(normalise(of, text)))


async def a_run(records: AgentRecords, of: TaskId, name: str, hours: float, state: str) -> RunId:
    key = run_id(name)
    due = NOW - timedelta(hours=hours)
    await runs.upsert_run(records.db, key, of, trigger="schedule", scheduled_for=due)
    async with records.db.transaction() as connection:
        await connection.execute(
            "UPDATE task_runs SET state = %s, message = %s, ended_at = %s WHERE id = %s",
            (state, "why " * 1000 if state == "failed" else "", due, key),
        )
    return key


async def test_runs_are_found_by_what_is_asked(records: AgentRecords) -> None:
    nightly = (await tasks.create(records.db, task("Nightly Backup"))).id
    edge = (await tasks.create(records.db, task("Edge Health", HEALTH))).id
    await a_run(records, nightly, "old", 40, "failed")
    await a_run(records, nightly, "new", 5, "failed")
    await a_run(records, edge, "fine", 4, "completed")
    tool = recent_task_runs(records, lambda: NOW)

    async def found(**wanted: object) -> list[str]:
        told = await tool.call(RunsQuestion.model_validate(wanted), SOON)
        assert told["count"] == len(told["runs"])
        return [row["run"] for row in told["runs"]]

    new, old, fine = (str(run_id(name)) for name in ("new", "old", "fine"))
    assert await found() == [fine, new]
    assert await found(since_hours=48) == [fine, new, old]
    assert await found(since_hours=48, limit=1) == [fine]
    assert await found(since_hours=48, task="nightly") == [new, old]
    assert await found(task_type="health_check") == [fine]
    assert await found(states=["failed", "missed"]) == [new]
    assert await found(task="100%") == []
    (row,) = (await tool.call(RunsQuestion(task="nightly"), SOON))["runs"]
    assert (row["state"], row["due"], len(row["message"])) == (
        "failed",
        "2026-11-25 02:00 UTC",
        600,
    )


async def test_what_a_run_says_of_itself_is_added_to(records: AgentRecords) -> None:
    nightly = (await tasks.create(records.db, task())).id
    key = await a_run(records, nightly, "one", 1, "running")
    await run_search.note(records.db, key, {"agent": {"turns": 1}})
    await run_search.note(records.db, key, {"agent": {"turns": 2}, "other": "kept"})
    assert (await runs.get(records.db, key)).summary == {"agent": {"turns": 2}, "other": "kept"}
    with pytest.raises(NotFound):
        await run_search.note(records.db, run_id("none"), {})


CONFIG = """hostname {name}
enable secret 9 $9${secret}
snmp-server community {secret} RO
crypto key import rsa
-----BEGIN RSA PRIVATE KEY-----
MII{secret}
-----END RSA PRIVATE KEY-----
interface Ethernet1
 description {text}
end
"""


async def version(records: AgentRecords, device: object, secret: str, text: str) -> str:
    of = await tasks.find(records.db)
    made = of[0].id if of else (await tasks.create(records.db, task())).id
    key = RunId(uuid4())
    await runs.upsert_run(records.db, key, made, trigger="manual", scheduled_for=NOW)
    name = device.name  # type: ignore[attr-defined]  # a device
    content = CONFIG.format(name=name, secret=secret, text=text)
    kept, _ = await snapshots.keep(
        records.db,
        device=device,  # type: ignore[arg-type]  # a device
        task_id=made,
        run_id=key,
        destination="configs/core",
        source="running",
        content=content,
        normalised=content,
    )
    return str(kept)


async def test_a_diff_shows_what_changed_and_no_secret(records: AgentRecords) -> None:
    tool = config_diff(
        Inventory(await inventory.devices(records.db)), records, Redactor().configuration
    )

    async def ask(**wanted: object) -> dict[str, object]:
        return dict(await tool.call(DiffQuestion.model_validate(wanted), SOON))

    assert (await ask(device="r1"))["note"] == "no configuration of this device is kept"
    first = await version(records, R1, "canary1", "before")
    assert "only version" in str((await ask(device="r1"))["note"])
    second = await version(records, R1, "canary2", "password canary3")
    third = await version(records, R1, "canary2", "after")
    told = await ask(device="r1")
    assert [one["id"] for one in told["versions"]] == [third, second]  # type: ignore[attr-defined]  # a list
    assert "- description password <hidden>\n+ description after" in str(told["diff"])
    assert (told["lines_added"], told["lines_removed"]) == (1, 1)
    whole = await ask(newer=second, older=first)
    assert "canary" not in str(told) + str(whole)
    assert whole["lines_added"] != 0
    assert (await ask(newer=second))["diff"] == whole["diff"]
    # That the key is another one is seen all the same.
    assert len(re.findall(r"^[+-]<hidden> [0-9a-f]{6}$", str(whole["diff"]), re.MULTILINE)) == 2

    other = await version(records, R2, "canary1", "other")
    for wrong, error in (
        ({}, InvalidInput),
        ({"device": "r1", "newer": second}, InvalidInput),
        ({"device": "r1", "older": first}, InvalidInput),
        ({"device": "r11"}, InvalidInput),
        ({"newer": second, "older": other}, NotFound),
        ({"newer": str(uuid4())}, NotFound),
    ):
        with pytest.raises(error):
            await ask(**wrong)
