"""The life of a task in a real Prefect server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed, Crashed, Pending, Running

from netstacks_tasks.embedded.prefect_context import pointed_at
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.flow_runs import FlowRuns
from netstacks_tasks.sync.prefect_errors import (
    PrefectLoginRefused,
    PrefectUnavailable,
    open_client,
)
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.reconcile import sync
from netstacks_tasks.sync.report import SyncReport
from tests.integration.sync.conftest import POOL, AddTask, EditTask
from tests.unit.sync.model import CATALOGUE


class Counting:
    """A gateway that must not be asked for anything."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"Prefect was asked to {name}")


async def _sync(database: Database, gateway: PrefectGateway, *, full: bool = False) -> SyncReport:
    return await sync(database, gateway, work_pool=POOL, catalogue=CATALOGUE, full=full)


async def _deployment_id(database: Database, task_id: UUID) -> UUID:
    row = (await task_rows.by_id(database, [TaskId(task_id)]))[0]
    assert row.deployment_id is not None
    return row.deployment_id


async def test_create_edit_rename_retype_delete(
    database: Database,
    gateway: PrefectGateway,
    prefect_api: str,
    add_task: AddTask,
    edit_task: EditTask,
) -> None:
    name = f"life {uuid4()}"
    task_id = await add_task(name)
    assert (await _sync(database, gateway)).created == [name]
    again = await sync(database, Counting(), work_pool=POOL, catalogue=CATALOGUE)  # type: ignore[arg-type] # a trap, not a gateway
    assert not again.changed
    await edit_task(task_id, "enabled", False)
    assert (await _sync(database, gateway)).updated == {name: ("schedules",)}
    await edit_task(task_id, "max_retries", 9)
    assert (await _sync(database, gateway)).updated == {name: ("job_variables",)}
    await edit_task(task_id, "name", f"{name} 2")
    renamed = await _sync(database, gateway)
    assert (renamed.created, renamed.deleted) == ([f"{name} 2"], [f"backup/{name}"])
    async with open_client(prefect_api) as client:
        deployment = await client.read_deployment_by_name(f"backup/{name} 2")
        assert [line.active for line in deployment.schedules] == [False]
        assert not deployment.paused
        async with database.transaction() as connection:
            await connection.execute("DELETE FROM tasks WHERE id = %s", (task_id,))
        assert (await _sync(database, gateway)).deleted == [f"backup/{name} 2"]
        assert await task_rows.tombstones(database) == {}
        with pytest.raises(ObjectNotFound):
            await client.read_deployment(deployment.id)


async def test_two_tasks_swap_their_names(
    database: Database, gateway: PrefectGateway, add_task: AddTask, edit_task: EditTask
) -> None:
    one, two = f"one {uuid4()}", f"two {uuid4()}"
    first, second = await add_task(one), await add_task(two)
    await _sync(database, gateway)
    await edit_task(first, "name", "in between")
    await edit_task(second, "name", one)
    await edit_task(first, "name", two)
    assert sorted((await _sync(database, gateway)).created) == sorted([one, two])
    assert (await _sync(database, gateway, full=True)).unchanged == 2


async def test_a_foreign_deployment_is_named_and_left_alone(
    database: Database, gateway: PrefectGateway, prefect_api: str, add_task: AddTask
) -> None:
    name = f"foreign {uuid4()}"
    async with open_client(prefect_api) as client:
        flow_id = await client.create_flow_from_name("backup")
        theirs = await client.create_deployment(flow_id, name, tags=["theirs"])
        await add_task(name)
        other = f"fine {uuid4()}"
        await add_task(other)
        report = await _sync(database, gateway)
        assert f"backup/{name}" in report.errors[name]
        assert str(theirs) in report.errors[name]
        assert report.created == [other]
        await _sync(database, gateway, full=True)
        assert (await client.read_deployment(theirs)).tags == ["theirs"]
        await client.delete_deployment(theirs)
    assert (await _sync(database, gateway)).created == [name]


async def test_changes_made_by_hand_are_undone(
    database: Database, gateway: PrefectGateway, prefect_api: str, add_task: AddTask
) -> None:
    name = f"drift {uuid4()}"
    task_id = await add_task(name)
    await _sync(database, gateway)
    deployment_id = await _deployment_id(database, task_id)
    async with open_client(prefect_api) as client:
        await client.pause_deployment(deployment_id)
        await client.update_deployment(
            deployment_id,
            DeploymentUpdate(tags=["x"], job_variables={"env": {}}, concurrency_limit=None),
        )
        schedule = (await client.read_deployment_schedules(deployment_id))[0]
        await client.update_deployment_schedule(deployment_id, schedule.id, active=False)
        fields = (await _sync(database, gateway, full=True)).updated[name]
        assert set(fields) == {
            "tags", "paused", "job_variables", "concurrency_limit", "schedules"
        }  # fmt: skip
        await client.delete_deployment(deployment_id)
    assert (await _sync(database, gateway, full=True)).created == [name]
    assert not (await _sync(database, gateway, full=True)).changed


async def test_a_crash_between_writing_and_marking_is_healed(
    database: Database, gateway: PrefectGateway, add_task: AddTask
) -> None:
    task_id = await add_task(f"crash {uuid4()}")
    await _sync(database, gateway)
    before = await _deployment_id(database, task_id)
    async with database.transaction() as connection:
        await connection.execute("UPDATE tasks SET synced_hash = NULL, deployment_id = NULL")
    assert not (await _sync(database, gateway)).changed
    assert await _deployment_id(database, task_id) == before


async def test_two_syncs_at_once_make_one_deployment(
    database: Database, gateway: PrefectGateway, add_task: AddTask
) -> None:
    name = f"twice {uuid4()}"
    await add_task(name)
    reports = await asyncio.gather(
        _sync(database, gateway), _sync(database, gateway), _sync(database, gateway, full=True)
    )
    assert [name for report in reports for name in report.created] == [name]


async def test_an_unreachable_prefect_is_said_and_marks_no_row(
    database: Database, add_task: AddTask
) -> None:
    await add_task("waits")
    async with PrefectGateway.open("http://127.0.0.1:9/api") as nowhere:
        with pytest.raises(PrefectUnavailable, match="PREFECT_API_URL"):
            await _sync(database, nowhere)
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT sync_error FROM tasks")
        assert await cursor.fetchall() == [(None,)]


@pytest.mark.parametrize(
    ("auth_string", "said"), [("", "Prefect asks for a login"), ("me:canary", "refuses the login")]
)
async def test_a_prefect_that_refuses_the_login_is_said_and_marks_no_row(
    database: Database,
    prefect_api: str,
    add_task: AddTask,
    tmp_path: Path,
    auth_string: str,
    said: str,
) -> None:
    await add_task("waits")
    with pointed_at(prefect_api, home=tmp_path, auth_string=auth_string):
        async with PrefectGateway.open(prefect_api) as stranger:
            with pytest.raises(PrefectLoginRefused, match=said) as refused:
                await _sync(database, stranger)
    assert "PREFECT_API_AUTH_STRING" in str(refused.value)
    assert "canary" not in repr(refused.value)
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT sync_error FROM tasks")
        assert await cursor.fetchall() == [(None,)]


@pytest.mark.parametrize("deleted", [True, False])
async def test_a_run_at_work_ends_well_though_its_deployment_goes(
    database: Database,
    gateway: PrefectGateway,
    prefect_api: str,
    add_task: AddTask,
    edit_task: EditTask,
    deleted: bool,
) -> None:
    name = f"at work {uuid4()}"
    task_id = await add_task(name)
    await _sync(database, gateway)
    old = await _deployment_id(database, task_id)
    async with open_client(prefect_api) as client:
        run = await client.create_flow_run_from_deployment(old)
        await client.set_flow_run_state(run.id, Pending())
        await client.set_flow_run_state(run.id, Running())
        lease = (await client.read_flow_run(run.id)).state
        assert lease is not None
        assert lease.state_details.deployment_concurrency_lease_id is not None
        if deleted:
            async with database.transaction() as connection:
                await connection.execute("DELETE FROM tasks WHERE id = %s", (task_id,))
        else:
            await edit_task(task_id, "name", f"{name} 2")
        assert (await _sync(database, gateway)).deleted == [f"backup/{name}"]
        limit = f"deployment:{old}"
        await gateway.remove_spared_limits()
        assert (await client.read_global_concurrency_limit_by_name(limit)).active_slots == 1
        await client.set_flow_run_state(run.id, Completed())
        ended = (await client.read_flow_run(run.id)).state
        assert ended is not None
        assert ended.is_completed()
        await gateway.remove_spared_limits()
        with pytest.raises(ObjectNotFound):
            await client.read_global_concurrency_limit_by_name(limit)


async def test_a_run_whose_limit_is_gone_is_mended_all_the_same(
    database: Database, gateway: PrefectGateway, prefect_api: str, add_task: AddTask
) -> None:
    task_id = await add_task(f"restored {uuid4()}")
    await _sync(database, gateway)
    deployment_id = await _deployment_id(database, task_id)
    async with open_client(prefect_api) as client:
        runs = [await client.create_flow_run_from_deployment(deployment_id) for _ in range(2)]
        flow_runs = FlowRuns(client, await task_rows.installation(database))
        for run, ends in zip(runs, (True, False), strict=True):
            await client.set_flow_run_state(run.id, Pending())
            await client.set_flow_run_state(run.id, Running())
            name = f"deployment:{deployment_id}"
            await client.delete_global_concurrency_limit_by_name(name)
            (seen,) = await flow_runs.by_id([RunId(run.id)])
            assert seen.lease_id is not None
            if ends:
                await flow_runs.finish(seen, Crashed(message="gone"))
                more = DeploymentUpdate(concurrency_limit=1)
                await client.update_deployment(deployment_id, more)
            else:
                now = datetime.now(UTC)
                await flow_runs.reschedule(seen, at=now, retry=True, message="again")
            state = (await client.read_flow_run(run.id)).state
            assert state is not None
            assert state.name == ("Crashed" if ends else "AwaitingRetry")
