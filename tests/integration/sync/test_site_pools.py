"""Deployments follow devices from site to site, with what waits."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.objects import StateType

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store import inventory_changes, site_pools, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import manual_runs, task_rows
from netstacks_tasks.sync.desired import Surroundings, desired
from netstacks_tasks.sync.prefect_errors import open_client
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.reconcile import sync
from netstacks_tasks.sync.report import SyncReport
from tests.integration.store import samples
from tests.integration.store.samples import R1, R2, task
from tests.integration.sync.conftest import POOL
from tests.unit.sync.model import CATALOGUE


async def _sync(database: Database, gateway: PrefectGateway) -> SyncReport:
    return await sync(database, gateway, work_pool=POOL, catalogue=CATALOGUE)


async def _at(database: Database, site: str | None) -> None:
    moved = [device.model_copy(update={"site": site}) for device in (R1, R2)]
    await inventory_changes.save(database, moved)


async def _deployment(database: Database, task_id: TaskId) -> UUID:
    found = (await task_rows.by_id(database, [task_id]))[0].deployment_id
    assert found is not None
    return found


@pytest.fixture
async def moving(database: Database) -> TaskId:
    """A task on two devices at fra, beside another one on a device that stays."""
    await samples.fill(database, *samples.EVERYTHING, samples.device("still", group=None))
    await _at(database, "fra")
    still = samples.backup_of(samples.uid("still"), "device")
    await tasks.create(database, task(f"still {uuid4()}", still))
    return (await tasks.create(database, task(f"moves {uuid4()}"))).id


async def test_a_deployment_and_its_waiting_runs_follow_the_devices(
    database: Database, gateway: PrefectGateway, prefect_api: str, moving: TaskId
) -> None:
    fra, ams = f"fra-{uuid4()}", f"ams-{uuid4()}"
    name = (await tasks.get(database, moving)).name
    await site_pools.assign(database, "fra", fra)
    await site_pools.assign(database, "ams", ams)
    assert len((await _sync(database, gateway)).created) == 2
    async with open_client(prefect_api) as client:
        assert (await client.read_work_pool(fra)).type == "netstacks"
        deployment_id = await _deployment(database, moving)
        waiting = await manual_runs.start(client, deployment_id)
        before = await client.read_flow_run(waiting)
        assert before.work_pool_name == fra

        await _at(database, "ams")
        assert (await _sync(database, gateway)).updated == {name: ("work_pool",)}
        assert await _deployment(database, moving) == deployment_id
        assert (await client.read_deployment(deployment_id)).work_pool_name == ams
        left = await client.read_flow_run(waiting)
        assert left.state is not None
        assert left.state.type is StateType.CANCELLED
        assert "another work pool" in str(left.state.message)
        (again,) = await manual_runs.under_way(client, database, moving)
        assert (await client.read_flow_run(again)).work_pool_name == ams

        # One device elsewhere: the default pool, and nothing more to do after that.
        await inventory_changes.save(database, [R2.model_copy(update={"site": "fra"})])
        assert (await _sync(database, gateway)).updated == {name: ("work_pool",)}
        assert (await client.read_deployment(deployment_id)).work_pool_name == POOL
        (again,) = await manual_runs.under_way(client, database, moving)
        assert (await client.read_flow_run(again)).work_pool_name == POOL
    assert not (await _sync(database, gateway)).changed


async def test_a_sync_that_ended_before_it_moved_the_runs_is_made_good(
    database: Database, gateway: PrefectGateway, prefect_api: str, moving: TaskId
) -> None:
    fra = f"fra-{uuid4()}"
    await _sync(database, gateway)
    async with open_client(prefect_api) as client:
        waiting = await manual_runs.start(client, await _deployment(database, moving))
        await site_pools.assign(database, "fra", fra)
        await gateway.ensure_work_pool(fra)
        row = (await task_rows.by_id(database, [moving]))[0]
        wanted = desired(row, await _surroundings(database))
        assert wanted is not None
        await gateway.put(wanted)
        assert await manual_runs.under_way(client, database, moving) == [waiting]
        assert (await client.read_flow_run(waiting)).work_pool_name == POOL
        await _sync(database, gateway)
        (again,) = await manual_runs.under_way(client, database, moving)
        assert (await client.read_flow_run(again)).work_pool_name == fra


async def test_a_pool_that_cannot_be_made_is_told_of_its_tasks_alone(
    database: Database, gateway: PrefectGateway, moving: TaskId
) -> None:
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO site_pools VALUES ('fra', 'prefect-is-reserved')")
    report = await _sync(database, gateway)
    name = (await tasks.get(database, moving)).name
    assert list(report.errors) == [name]
    assert len(report.created) == 1
    await site_pools.assign(database, "fra", f"fra-{uuid4()}")
    assert (await _sync(database, gateway)).created == [name]


async def _surroundings(database: Database) -> Surroundings:
    return Surroundings(
        catalogue=CATALOGUE,
        installation=await task_rows.installation(database),
        work_pool=POOL,
    )
