"""From the schema and the rows of the first release to this one: all is there, and of use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest_asyncio
from psycopg import sql

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.models.ids import DeviceId, RunId, StackId, TaskId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import (
    audit,
    check_states,
    inventory,
    inventory_changes,
    migrate,
    runs,
    snapshots,
    task_list,
    tasks,
)
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.host_keys import StoredHostKeys
from netstacks_tasks.store.inventory_items import KINDS, Script, StackInstance
from netstacks_tasks.store.task_list import TaskSearch
from netstacks_tasks.sync import task_rows

Rows = dict[str, list[dict[str, Any]]]
FILL = Path(__file__).with_name("first_release.sql").read_text()
NIGHTLY, HEALTH = (
    TaskId(UUID(f"7a000000-0000-4000-8000-00000000000{number}")) for number in (1, 2)
)
RUN, OPEN, LEFT = (
    RunId(UUID(f"4a000000-0000-4000-8000-00000000000{number}")) for number in (1, 2, 9)
)
ROUTER = DeviceId(UUID("d0000000-0000-4000-8000-000000000001"))


async def _rows(url: str) -> Rows:
    """Every row of every table, by the table's name."""
    found: Rows = {}
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        cursor = await connection.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        for (name,) in await cursor.fetchall():
            statement = sql.SQL("SELECT to_jsonb(t) FROM {} AS t").format(sql.Identifier(name))
            found[name] = [row[0] for row in await (await connection.execute(statement)).fetchall()]
    return found


@pytest_asyncio.fixture(scope="module")
async def first(postgres_url: str) -> AsyncIterator[tuple[str, Rows]]:
    """A database of the first release, and the rows that it held before it was migrated."""
    name: LiteralString = f"upgraded_{uuid4().hex}"
    url = postgres_url.rpartition("/")[0] + f"/{name}"
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as admin:
        await admin.execute(f"CREATE DATABASE {name}")
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await migrate.migrate(connection, migrate.known()[:1])
            await connection.execute(FILL.encode())
        yield url, await _rows(url)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture(scope="module")
async def upgraded(first: tuple[str, Rows]) -> AsyncIterator[Database]:
    async with Database.open(first[0]) as db:
        yield db


async def test_every_table_had_rows_and_has_them_as_they_were(
    first: tuple[str, Rows], upgraded: Database
) -> None:
    url, before = first
    assert [name for name, rows in before.items() if not rows] == []
    after = await _rows(url)
    for name, rows in before.items():
        for row in rows:
            assert any(row.items() <= later.items() for later in after[name]), (name, row)
        if name != "schema_migrations":
            assert len(after[name]) == len(rows), name


async def test_tasks_can_be_read_and_edited(upgraded: Database) -> None:
    found = {task.name: task for task in await tasks.find(upgraded)}
    assert found.keys() == {"Nightly", "Health", "Push", "Script", "Agent"}
    assert {task.spec.parameters.type for task in found.values()} == {
        "backup", "health_check", "deployment", "custom_script", "agent_task"
    }  # fmt: skip
    nightly = found["Nightly"]
    assert (nightly.revision, nightly.last_status) == (4, "completed")
    assert nightly.spec.missed_window_seconds == 3600
    for task in found.values():
        edited = await tasks.update(upgraded, task.id, {"max_retries": 7}, task.revision)
        assert (edited.spec.max_retries, edited.revision) == (7, task.revision + 1)
    assert len(await inventory.targets_of(upgraded, nightly)) == 2


async def test_the_sync_takes_all_of_them_up(upgraded: Database) -> None:
    rows, left = await task_rows.unsynced(upgraded, "another", without={}, limit=50)
    assert left == len(rows) == 5
    assert {row.site_pool for row in rows} == {None}
    gone = await task_rows.tombstones(upgraded)
    assert [str(one) for one in gone.values()] == ["de000000-0000-4000-8000-000000000009"]


async def test_the_history_is_whole_and_goes_on(upgraded: Database) -> None:
    found = {run.id: run for run in await runs.history(upgraded)}
    assert len(found) == 4
    assert found[LEFT].task_id is None
    assert found[LEFT].message == "no answer"
    assert [one.outcome for one in await runs.attempts(upgraded, RUN)] == ["failed", "completed"]
    results = await runs.results(upgraded, RUN)
    assert [(one.device_name, one.ok, one.cause) for one in results] == [
        ("rtr-1", True, None),
        ("rtr-2", False, "refused"),
    ]
    # The first release did not keep at hand which run of a task is its newest.
    listed, _ = await task_list.listed(upgraded, TaskSearch(states=["running"]))
    assert [(one.task.id, one.run_id) for one in listed] == [(NIGHTLY, OPEN)]
    await runs.end_attempt(upgraded, OPEN, 1, outcome="completed")
    await runs.finish_run(upgraded, OPEN, "completed")
    assert (await runs.get(upgraded, OPEN)).state == "completed"
    assert (await runs.history(upgraded, NIGHTLY))[0].id == OPEN


async def test_configurations_can_be_read_compared_and_kept(upgraded: Database) -> None:
    newest, oldest = await snapshots.list_versions(upgraded, device=ROUTER)
    assert (await snapshots.get(upgraded, oldest.id)).content == "hostname old\n"
    assert await snapshots.previous(upgraded, newest) == oldest
    told = await snapshots.diff(upgraded, oldest.id, newest.id, normalise=normalise)
    assert "+hostname new" in told
    device = await inventory.get(upgraded, Device, ROUTER)
    for content, made in (("hostname newer\n", True), ("hostname newer\n", False)):
        _, new = await snapshots.keep(
            upgraded, device=device, task_id=NIGHTLY, run_id=RUN, destination="configs/core",
            source="running", content=content, normalised=content,
        )  # fmt: skip
        assert new is made
    assert len(await snapshots.list_versions(upgraded, device=ROUTER)) == 3


async def test_the_inventory_is_whole_and_can_be_edited(upgraded: Database) -> None:
    counted = {kind: len(await inventory.find(upgraded, KINDS[kind])) for kind in KINDS}
    assert counted == {
        "credential": 1, "device group": 2, "device": 2, "script": 1, "stack": 1,
        "stack instance": 1,
    }  # fmt: skip
    device = await inventory.get(upgraded, Device, "rtr-1")
    assert (device.snmp.port, device.options, device.groups) == (
        1161, {"legacy_algorithms": True}, ("Zürich",)
    )  # fmt: skip
    (key,) = await StoredHostKeys(upgraded).known(ROUTER)
    assert key.fingerprint == "SHA256:abc"
    (state,) = await check_states.states(upgraded, device_id=ROUTER)
    assert (state.item, state.up) == ("ssh", False)
    instance = await inventory.get(upgraded, StackInstance, "vlans-west")
    # As it was rolled out before there was anything to say about it.
    assert (instance.version, instance.mode, instance.canaries) == (1, "merge", 1)
    stack = StackId(instance.stack_id)
    assert (await inventory.stack_version(upgraded, stack, 2)).variables == {"id": 8}
    script = await inventory.get(upgraded, Script, "hello")
    await inventory_changes.save(
        upgraded, [device.model_copy(update={"site": "ams"}), script, instance]
    )
    assert (await inventory.get(upgraded, Device, "rtr-1")).site == "ams"
    noted = [(one.action, one.kind) for one in await audit.find(upgraded) if one.kind == "device"]
    assert noted == [("edited", "device")]


async def test_what_is_deleted_leaves_its_history(upgraded: Database) -> None:
    await tasks.delete(upgraded, HEALTH)
    assert HEALTH in await task_rows.tombstones(upgraded)
    left = [run for run in await runs.history(upgraded) if run.task_name == "Health"]
    assert [(run.task_id, run.state) for run in left] == [(None, "missed")]
