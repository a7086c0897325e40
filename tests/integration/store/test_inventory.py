"""The inventory, and what a task works on."""

from __future__ import annotations

from uuid import uuid4

import pytest

from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.models.ids import CredentialId, GroupId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import inventory, inventory_changes, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import (
    KINDS,
    Credential,
    DeviceGroup,
    Script,
    Stack,
    StackInstance,
)
from tests.integration.store import samples
from tests.integration.store.samples import CORE, HEALTH, LOGIN, R1, R2, STACK, backup_of, task


async def test_everything_comes_back_as_it_was_saved(database: Database) -> None:
    await samples.fill(database)
    await samples.fill(database)
    found = [item for kind in KINDS.values() for item in await inventory.find(database, kind)]
    assert sorted(map(repr, found)) == sorted(map(repr, samples.EVERYTHING))


async def test_items_are_found_by_id_and_by_name(database: Database) -> None:
    await samples.fill(database)
    assert await inventory.get(database, Device, R1.id) == R1
    assert await inventory.get(database, Device, str(R1.id)) == R1
    assert await inventory.get(database, Device, "r1") == R1
    assert await inventory.credential(database, LOGIN.id) == LOGIN
    with pytest.raises(NotFound, match="no credential"):
        await inventory.credential(database, CredentialId(uuid4()))
    with pytest.raises(NotFound, match="no stack instance 'x'"):
        await inventory.get(database, StackInstance, "x")


async def test_a_name_that_looks_like_an_id_is_found(database: Database) -> None:
    name = str(uuid4())
    odd = DeviceGroup(id=GroupId(uuid4()), name=name)
    await samples.fill(database, odd)
    assert await inventory.get(database, DeviceGroup, name) == odd


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        (backup_of(CORE.id), ["r1", "r2"]),
        (backup_of(R2.id, "device"), ["r2"]),
        (HEALTH, ["r1", "r2"]),
        (HEALTH | {"target_type": "device", "target_id": str(R1.id)}, ["r1"]),
        ({"type": "deployment", "stack_instance_id": str(samples.INSTANCE.id)}, ["r2", "r1"]),
        ({"type": "custom_script", "script_id": str(samples.SCRIPT.id)}, []),
        ({"type": "agent_task", "prompt": "How are we?"}, ["r1", "r2", "stranger"]),
    ],
)
async def test_targets(database: Database, parameters: dict[str, object], names: list[str]) -> None:
    stranger = samples.device("stranger", group=None, credential=False)
    await samples.fill(database, *samples.EVERYTHING, stranger)
    saved = await tasks.create(database, task(parameters=parameters))
    assert [found.name for found in await inventory.targets_of(database, saved)] == names


async def test_names_are_unique_per_kind(database: Database) -> None:
    await samples.fill(database)
    twin = R1.model_copy(update={"id": uuid4()})
    with pytest.raises(InvalidInput, match="another device with this name"):
        await inventory_changes.save(database, [twin])


async def test_references_must_be_there(database: Database) -> None:
    with pytest.raises(InvalidInput, match="refers to something that is not there"):
        await inventory_changes.save(database, [samples.device("r1", group=None)])
    await samples.fill(database, LOGIN)
    with pytest.raises(InvalidInput, match="device 'r1': there is no group 'core'"):
        await inventory_changes.save(database, [R1])
    assert await inventory.devices(database) == []


async def test_a_changed_stack_is_a_new_version(database: Database) -> None:
    await samples.fill(database)
    described = STACK.model_copy(update={"description": "words"})
    await samples.fill(database, described)
    assert (await inventory.get(database, Stack, "stack")).version == 1
    await samples.fill(database, STACK.model_copy(update={"templates": {"a": "other"}}))
    changed = await inventory.get(database, Stack, "stack")
    assert (changed.version, changed.templates) == (2, {"a": "other"})
    # What is deployed stays with the version it was made with.
    assert (await inventory.get(database, StackInstance, "instance")).version == 1


async def test_what_others_need_is_not_deleted(database: Database) -> None:
    await samples.fill(database)
    with pytest.raises(InvalidInput, match="in use by device 'r1', device 'r2'"):
        await inventory_changes.delete(database, Credential, "login")
    with pytest.raises(InvalidInput, match="in use by stack instance 'instance'"):
        await inventory_changes.delete(database, Device, "r1")
    with pytest.raises(InvalidInput, match="in use by stack instance 'instance'"):
        await inventory_changes.delete(database, Stack, "stack")


async def test_what_nobody_needs_is_deleted(database: Database) -> None:
    await samples.fill(database)
    for kind, name in (
        (StackInstance, "instance"),
        (Stack, "stack"),
        (Script, "script"),
        (Device, "r1"),
        (DeviceGroup, "core"),
        (Device, "r2"),
        (Credential, "login"),
    ):
        await inventory_changes.delete(database, kind, name)
        with pytest.raises(NotFound):
            await inventory_changes.delete(database, kind, name)
    assert [group.name for group in await inventory.find(database, DeviceGroup)] == ["empty"]
