"""Which work pool a task belongs to, by where its devices are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import audit, inventory_changes, site_pools, tasks
from netstacks_tasks.store.changes import listen
from netstacks_tasks.store.database import Database
from tests.integration.store import samples
from tests.integration.store.samples import CORE, INSTANCE, R1, R2, SCRIPT, task

PARAMETERS: dict[str, dict[str, object]] = {
    "group": samples.backup_of(CORE.id),
    "device": samples.backup_of(R1.id, "device"),
    "credential": samples.HEALTH,
    "stack": {"type": "deployment", "stack_instance_id": str(INSTANCE.id)},
    "agent": {"type": "agent_task", "prompt": "Look around."},
    "script": {"type": "custom_script", "script_id": str(SCRIPT.id)},
}


async def at(db: Database, device: Device, site: str | None) -> None:
    await inventory_changes.save(db, [device.model_copy(update={"site": site})])


async def pools(db: Database, ids: dict[str, TaskId]) -> dict[str, str | None]:
    return {name: await site_pools.pool_of(db, one) for name, one in ids.items()}


@pytest.fixture
async def ids(database: Database) -> dict[str, TaskId]:
    """A task of every kind, on two devices at fra."""
    await samples.fill(database)
    for device in (R1, R2):
        await at(database, device, "fra")
    return {
        name: (await tasks.create(database, task(name, parameters))).id
        for name, parameters in PARAMETERS.items()
    }


async def test_a_task_is_where_all_its_devices_are(
    database: Database, ids: dict[str, TaskId]
) -> None:
    nowhere = dict.fromkeys(PARAMETERS)
    assert await pools(database, ids) == nowhere
    await site_pools.assign(database, "fra", "pool-fra")
    with_devices = {name for name in PARAMETERS if name != "script"}
    assert await pools(database, ids) == nowhere | dict.fromkeys(with_devices, "pool-fra")
    await at(database, R2, "ams")
    assert await pools(database, ids) == nowhere | {"device": "pool-fra"}
    # Several sites may have one pool.
    await site_pools.assign(database, "ams", "pool-fra")
    assert await pools(database, ids) == nowhere | dict.fromkeys(with_devices, "pool-fra")
    await site_pools.assign(database, "ams", "pool-ams")
    await at(database, R1, None)
    assert await pools(database, ids) == nowhere
    await at(database, R1, "ams")
    assert await pools(database, ids) == nowhere | dict.fromkeys(with_devices, "pool-ams")
    await site_pools.release(database, "ams")
    assert await pools(database, ids) == nowhere


async def test_sites_are_listed_with_devices_and_pools(
    database: Database, ids: dict[str, TaskId]
) -> None:
    await at(database, R2, "ams")
    await site_pools.assign(database, "ber", "pool-ber")
    await site_pools.assign(database, "fra", "pool-fra")
    found = [(one.name, one.devices, one.work_pool) for one in await site_pools.find(database)]
    assert found == [("ams", 1, None), ("ber", 0, "pool-ber"), ("fra", 1, "pool-fra")]
    noted = [one for one in await audit.find(database) if one.kind == "site"]
    assert [(one.action, one.object_name) for one in noted] == [
        ("created", "fra"),
        ("created", "ber"),
    ]


@pytest.mark.parametrize(
    ("site", "pool", "field"),
    [(" ", "a", "site"), ("fra", "", "pool"), ("fra", "a/b", "pool"), ("fra", "Prefect-x", "pool")],
)
async def test_what_cannot_be_is_refused(
    database: Database, site: str, pool: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await site_pools.assign(database, site, pool)
    assert [problem.field for problem in caught.value.problems] == [field]
    with pytest.raises(NotFound, match="nowhere"):
        await site_pools.release(database, "nowhere")
    assert await site_pools.find(database) == []


async def heard(changes: AsyncIterator[TaskId | None]) -> TaskId | None:
    async with asyncio.timeout(30):
        return await anext(changes)


async def test_whoever_syncs_hears_of_moves_once_sites_have_pools(
    database: Database, database_url: str
) -> None:
    await samples.fill(database)
    changes = listen(database_url)
    assert await heard(changes) is None
    await at(database, R1, "fra")
    first = await tasks.create(database, task("first"))
    # Nothing was said of the device: no site has a pool.
    assert await heard(changes) == first.id
    await site_pools.assign(database, "fra", "pool-fra")
    assert await heard(changes) is None
    await at(database, R1, "ams")
    assert await heard(changes) is None
    await inventory_changes.save(database, [R2.model_copy(update={"groups": ()})])
    assert await heard(changes) is None
    second = await tasks.create(database, task("second"))
    assert await heard(changes) == second.id
    await changes.aclose()
