"""Times for which Prefect never made a run: recorded, and made up for as the task says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId

from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.flow_runs import CATCH_UP_TAG, FlowRuns
from netstacks_tasks.sync.missed_times import MissedTimes
from netstacks_tasks.sync.prefect_errors import open_client
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.reconcile import sync
from tests.integration.sync.conftest import POOL, AddTask, EditTask
from tests.unit.sync.model import CATALOGUE

_HOUR = timedelta(hours=1)


async def _out_since(database: Database, task_id: UUID, moment: datetime) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE tasks SET missed_checked_at = %s, updated_at = %s, next_run_at = %s"
            " WHERE id = %s",
            (moment, moment, moment, task_id),
        )


async def _missed(database: Database) -> dict[datetime, str]:
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT scheduled_for, message FROM task_runs WHERE state = 'missed'"
        )
        return {time.astimezone(UTC): message for time, message in await cursor.fetchall()}


@pytest.mark.parametrize(
    ("policy", "window", "made_up"),
    [("run_latest", None, 1), ("run_latest", 60, 0), ("skip", None, 0), ("run_all", None, 4)],
)
async def test_every_time_is_recorded_once_and_the_policy_s_are_run(
    policy: str,
    window: int | None,
    made_up: int,
    database: Database,
    gateway: PrefectGateway,
    prefect_api: str,
    add_task: AddTask,
    edit_task: EditTask,
) -> None:
    name = f"missed {uuid4()}"
    task_id = await add_task(name)
    # Never near the present, whenever the test runs.
    latest = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=20)
    await edit_task(task_id, "cron_expression", f"{latest.minute} * * * *")
    await edit_task(task_id, "timezone", "UTC")
    await edit_task(task_id, "missed_runs", policy)
    await edit_task(task_id, "missed_window_seconds", window)
    await sync(database, gateway, work_pool=POOL, catalogue=CATALOGUE)
    expected = [latest - hours * _HOUR for hours in (3, 2, 1, 0)]
    async with open_client(prefect_api) as client:
        times = MissedTimes(database, FlowRuns(client, await task_rows.installation(database)))
        for _ in range(2):
            await _out_since(database, task_id, expected[0] - timedelta(minutes=1))
            await times.check()
        recorded = await _missed(database)
        assert sorted(recorded) == expected
        chosen = [time for time in expected if "catch-up" in recorded[time]]
        assert chosen == expected[len(expected) - made_up :]
        deployment = await client.read_deployment_by_name(f"backup/{name}")
        runs = await client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id]))
        )
        # Asked twice, made once each; they carry the task as any other run does.
        catching_up = [run for run in runs if CATCH_UP_TAG in run.tags]
        assert len(catching_up) == made_up
        assert all(run.parameters == {"task_id": str(task_id)} for run in catching_up)


async def test_a_task_that_was_off_missed_nothing(
    database: Database,
    gateway: PrefectGateway,
    prefect_api: str,
    add_task: AddTask,
    edit_task: EditTask,
) -> None:
    task_id = await add_task(f"off {uuid4()}")
    await edit_task(task_id, "cron_expression", "* * * * *")
    await edit_task(task_id, "enabled", False)
    await sync(database, gateway, work_pool=POOL, catalogue=CATALOGUE)
    await _out_since(database, task_id, datetime.now(UTC) - _HOUR)
    async with open_client(prefect_api) as client:
        await MissedTimes(
            database, FlowRuns(client, await task_rows.installation(database))
        ).check()
    assert await _missed(database) == {}
