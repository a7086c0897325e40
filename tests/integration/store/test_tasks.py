"""Tasks are checked against the inventory while it cannot change, and announced."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import inventory, inventory_changes, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import (
    Credential,
    DeviceGroup,
    Item,
    Script,
    StackInstance,
)
from netstacks_tasks.sync import task_rows
from tests.integration.store import samples
from tests.integration.store.samples import CORE, EMPTY, HEALTH, LOGIN, R1, R2, backup_of, task


async def test_a_created_task_comes_back_as_it_was(database: Database) -> None:
    await samples.fill(database)
    spec = task(timezone="America/New_York", max_retries=7, missed_runs="skip")
    created = await tasks.create(database, spec)
    assert created == await tasks.get(database, created.id)
    assert created == await tasks.get(database, "Backup")
    assert created == await tasks.get(database, str(created.id))
    assert created.spec == spec.model_copy(update={"id": created.id})
    assert created.revision == 1
    assert created.synced_hash is None
    assert created.next_run_at is not None
    assert created.next_run_at > datetime.now(UTC)


async def test_an_id_that_is_given_is_kept(database: Database) -> None:
    await samples.fill(database)
    wanted = TaskId(uuid4())
    created = await tasks.create(database, task(id=str(wanted)))
    assert created.id == wanted
    with pytest.raises(InvalidInput, match="there is a task with the id"):
        await tasks.create(database, task("Other", id=str(wanted)))


async def test_a_name_is_taken_once(database: Database) -> None:
    await samples.fill(database)
    await tasks.create(database, task())
    with pytest.raises(InvalidInput, match="another task named 'Backup'") as refused:
        await tasks.create(database, task())
    assert [problem.field for problem in refused.value.problems] == ["name"]
    other = await tasks.create(database, task("Other"))
    with pytest.raises(InvalidInput, match="another task named 'Backup'"):
        await tasks.update(database, other.id, {"name": "Backup"})
    assert (await tasks.get(database, other.id)).spec.name == "Other"


@pytest.mark.parametrize(
    ("parameters", "field", "message"),
    [
        (backup_of(uuid4()), "target_id", "no device group"),
        (backup_of(uuid4(), "device"), "target_id", "no device "),
        (backup_of(CORE.id, "device"), "target_id", "no device "),
        (backup_of(EMPTY.id), "target_id", "'empty' has no devices"),
        (backup_of(CORE.id, credential_id=str(uuid4())), "credential_id", "no credential"),
        (HEALTH | {"credential_id": str(uuid4())}, "credential_id", "no credential"),
        (
            {"type": "custom_script", "script_id": str(uuid4())},
            "script_id",
            "no script",
        ),
        (
            {"type": "deployment", "stack_instance_id": str(uuid4())},
            "stack_instance_id",
            "no stack instance",
        ),
    ],
)
async def test_what_is_not_in_the_inventory_is_refused(
    database: Database, parameters: dict[str, object], field: str, message: str
) -> None:
    await samples.fill(database)
    with pytest.raises(InvalidInput, match=message) as refused:
        await tasks.create(database, task(parameters=parameters))
    assert [problem.field for problem in refused.value.problems] == [f"parameters.{field}"]
    assert await tasks.count(database) == 0


async def test_every_missing_thing_is_named_at_once(database: Database) -> None:
    wrong = backup_of(uuid4(), credential_id=str(uuid4()))
    with pytest.raises(InvalidInput) as refused:
        await tasks.create(database, task(parameters=wrong))
    assert {problem.field for problem in refused.value.problems} == {
        "parameters.target_id",
        "parameters.credential_id",
    }


async def test_a_credential_without_devices_is_no_target(database: Database) -> None:
    await samples.fill(database, LOGIN)
    with pytest.raises(InvalidInput, match="'login' has no devices"):
        await tasks.create(database, task(parameters=HEALTH))


async def test_an_edit_is_a_new_revision_and_to_be_synced(database: Database) -> None:
    await samples.fill(database)
    created = await tasks.create(database, task())
    async with database.transaction() as connection:
        await connection.execute("UPDATE tasks SET synced_hash = 'abc'")
    edited = await tasks.update(database, created.id, {"cron_expression": "30 4 * * *"})
    assert (edited.revision, edited.synced_hash) == (2, None)
    assert edited.next_run_at != created.next_run_at
    assert edited.updated_at > created.updated_at
    assert edited.created_at == created.created_at


async def test_an_edit_that_changes_nothing_leaves_the_row_alone(database: Database) -> None:
    await samples.fill(database)
    created = await tasks.create(database, task())
    assert await tasks.update(database, created.id, {"max_retries": 3}) == created
    assert await tasks.replace(database, created.id, task()) == created


async def test_a_wrong_edit_changes_nothing(database: Database) -> None:
    await samples.fill(database)
    created = await tasks.create(database, task())
    with pytest.raises(InvalidInput, match="no device group"):
        await tasks.update(database, created.id, {"parameters": backup_of(uuid4())})
    with pytest.raises(InvalidInput, match="id of a task cannot be changed"):
        await tasks.update(database, created.id, {"id": str(uuid4())})
    assert await tasks.get(database, created.id) == created


async def test_a_lost_update_is_refused(database: Database) -> None:
    await samples.fill(database)
    created = await tasks.create(database, task())
    await tasks.update(database, created.id, {"max_retries": 5}, expected_revision=1)
    with pytest.raises(tasks.RevisionConflict, match="revision 2, expected 1"):
        await tasks.update(database, created.id, {"max_retries": 6}, expected_revision=1)
    with pytest.raises(tasks.RevisionConflict):
        await tasks.delete(database, created.id, expected_revision=1)
    assert (await tasks.get(database, created.id)).spec.max_retries == 5


async def test_of_two_editors_at_once_one_is_told(database: Database) -> None:
    await samples.fill(database)
    created = await tasks.create(database, task())
    edits = [
        tasks.update(database, created.id, {"max_retries": 10 + n}, expected_revision=1)
        for n in range(5)
    ]
    results = await asyncio.gather(*edits, return_exceptions=True)
    assert sum(isinstance(result, tasks.RevisionConflict) for result in results) == 4
    assert (await tasks.get(database, created.id)).revision == 2


async def test_a_disabled_task_has_no_next_run(database: Database) -> None:
    await samples.fill(database)
    created = await tasks.create(database, task(enabled=False))
    assert created.next_run_at is None
    enabled = await tasks.set_enabled(database, created.id, True)
    assert enabled.next_run_at is not None
    assert (await tasks.set_enabled(database, "Backup", False)).next_run_at is None


async def test_a_deleted_task_leaves_a_tombstone_and_may_come_back(database: Database) -> None:
    await samples.fill(database)
    created = await tasks.create(database, task())
    for _ in range(2):
        await tasks.delete(database, created.id)
        with pytest.raises(NotFound):
            await tasks.get(database, created.id)
        assert await task_rows.tombstones(database) == {created.id: None}
        await tasks.create(database, task(id=str(created.id)))
    with pytest.raises(NotFound, match="no task 'nothing'"):
        await tasks.delete(database, "nothing")


async def test_lists_are_filtered_sorted_and_paged(database: Database) -> None:
    await samples.fill(database)
    for name, hour in (("b", 3), ("a", 5), ("C", 4)):
        await tasks.create(database, task(name, cron_expression=f"0 {hour} 1 1 *"))
    await tasks.create(database, task("d", HEALTH, enabled=False))

    async def names(**how: object) -> list[str]:
        return [found.spec.name for found in await tasks.find(database, **how)]  # type: ignore[arg-type]  # a test's shorthand

    assert sorted(await names()) == ["C", "a", "b", "d"]
    assert await names(sort="next_run_at") == ["b", "C", "a", "d"]
    assert await names(sort="next_run_at", descending=True) == ["a", "C", "b", "d"]
    assert await names(sort="next_run_at", limit=2, offset=1) == ["C", "a"]
    assert await names(only=tasks.TaskFilter(task_type="health_check")) == ["d"]
    assert await names(only=tasks.TaskFilter(enabled=False)) == ["d"]
    assert await names(only=tasks.TaskFilter(text="c")) == ["C"]
    assert await names(only=tasks.TaskFilter(text="%")) == []
    assert await names(only=tasks.TaskFilter(last_status="failed")) == []
    assert await tasks.count(database, tasks.TaskFilter(enabled=True)) == 3


async def _notified(url: str, work: Awaitable[object]) -> list[str]:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as listener:
        await listener.execute("LISTEN netstacks_tasks")
        await work
        await listener.execute("NOTIFY netstacks_tasks, 'end'")
        found: list[str] = []
        async for notification in listener.notifies():
            if notification.payload == "end":
                return found
            found.append(notification.payload)
    raise AssertionError


async def test_edits_are_announced_and_the_syncs_own_writes_are_not(
    database: Database, database_url: str
) -> None:
    await samples.fill(database)
    created = await tasks.create(database, task())
    key = str(created.id)

    async def synced() -> None:
        await task_rows.execute(
            database,
            "mark_synced",
            {
                "id": created.id,
                "revision": 1,
                "hash": "h",
                "deployment_id": uuid4(),
                "site_pool": None,
            },
        )
        await task_rows.mark_failed(database, created.id, "no")

    assert await _notified(database_url, synced()) == []
    same = tasks.update(database, key, {"max_retries": 3})
    assert await _notified(database_url, same) == []
    edit = tasks.update(database, key, {"max_retries": 4})
    assert await _notified(database_url, edit) == [key]
    assert await _notified(database_url, tasks.create(database, task("Other"))) != []
    assert await _notified(database_url, tasks.delete(database, key)) == [key]


@pytest.mark.parametrize(
    ("kind", "key", "parameters"),
    [
        (DeviceGroup, "core", backup_of(CORE.id)),
        (Device, "r1", backup_of(R1.id, "device")),
        (Credential, "login", backup_of(CORE.id, credential_id=str(LOGIN.id))),
        (Script, "script", {"type": "custom_script", "script_id": str(samples.SCRIPT.id)}),
        (
            StackInstance,
            "instance",
            {"type": "deployment", "stack_instance_id": str(samples.INSTANCE.id)},
        ),
    ],
)
async def test_what_a_task_uses_is_not_deleted(
    database: Database, kind: type[Item], key: str, parameters: dict[str, object]
) -> None:
    await samples.fill(database)
    await tasks.create(database, task("The user", parameters))
    with pytest.raises(InvalidInput, match="task 'The user'"):
        await inventory_changes.delete(database, kind, key)
    assert isinstance(await inventory.get(database, kind, key), kind)


@pytest.mark.parametrize("kind", [DeviceGroup, Device, Script])
async def test_a_save_and_a_deletion_at_once_never_both_succeed(
    database: Database, kind: type[Item]
) -> None:
    """Whichever is first, the other one sees it."""
    chosen: dict[type[Item], tuple[str, dict[str, object]]] = {
        DeviceGroup: ("core", backup_of(CORE.id)),
        Device: ("r1", backup_of(R1.id, "device")),
        Script: ("script", {"type": "custom_script", "script_id": str(samples.SCRIPT.id)}),
    }
    key, parameters = chosen[kind]
    for turn in range(12):
        await samples.fill(database)
        if kind is Device:
            await inventory_changes.delete(database, StackInstance, "instance")
        saving = tasks.create(database, task("t", parameters))
        deleting = inventory_changes.delete(database, kind, key)
        pair = (saving, deleting) if turn % 2 else (deleting, saving)
        outcome: list[object] = await asyncio.gather(*pair, return_exceptions=True)
        refused = [type(item) for item in outcome if isinstance(item, Exception)]
        assert [issubclass(error, InvalidInput) for error in refused] == [True]
        if await tasks.count(database):
            assert isinstance(await inventory.get(database, kind, key), kind)
            await tasks.delete(database, "t")


async def test_a_save_holds_off_a_deletion_until_it_is_over(database: Database) -> None:
    await samples.fill(database)
    async with database.transaction() as connection:
        await tasks.insert(connection, task())
        deleting = asyncio.create_task(inventory_changes.delete(database, DeviceGroup, "core"))
        await samples.eventually(lambda: samples.wait_for_locks(database, 1))
        assert not deleting.done()
    with pytest.raises(InvalidInput, match="in use by task 'Backup'"):
        await deleting


async def test_the_last_device_of_a_group_in_use_stays(database: Database) -> None:
    await samples.fill(database, LOGIN, CORE, R1, R2)
    await tasks.create(database, task())
    await inventory_changes.delete(database, Device, "r2")
    with pytest.raises(InvalidInput, match=r"'core' would be left without devices.*'Backup'"):
        await inventory_changes.delete(database, Device, "r1")
    moved = R1.model_copy(update={"groups": ()})
    with pytest.raises(InvalidInput, match="left without devices"):
        await inventory_changes.save(database, [moved])
    assert [found.name for found in await inventory.devices(database)] == ["r1"]
    assert (await inventory.get(database, Device, "r1")).groups == ("core",)
