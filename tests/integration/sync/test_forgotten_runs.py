"""Runs that are open in the history and that Prefect does not have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store import runs
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import manual_runs, task_rows
from netstacks_tasks.sync.flow_runs import FlowRuns
from netstacks_tasks.sync.prefect_errors import open_client
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.reconcile import sync
from netstacks_tasks.sync.run_states import RunStates
from tests.integration.sync.conftest import POOL, AddTask
from tests.unit.sync.model import CATALOGUE

NOW = timedelta()


async def test_they_are_ended_but_for_those_that_somebody_works_on(
    database: Database, gateway: PrefectGateway, prefect_api: str, add_task: AddTask
) -> None:
    task_id = TaskId(await add_task(f"restored {uuid4()}"))
    await sync(database, gateway, work_pool=POOL, catalogue=CATALOGUE)
    due = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    waited, again, begun, held = (RunId(uuid4()) for _ in range(4))
    for run_id in (waited, again, begun, held):
        await runs.upsert_run(database, run_id, task_id, trigger="schedule", scheduled_for=due)
        async with database.transaction() as connection:
            await connection.execute(
                "UPDATE task_runs SET state = 'pending', started_at = NULL, attempts = 0"
                " WHERE id = %s",
                [run_id],
            )
    for run_id in (begun, held):
        await runs.begin_attempt(database, run_id, 1)
    async with open_client(prefect_api) as client:
        deployment_id = (await task_rows.by_id(database, [task_id]))[0].deployment_id
        assert deployment_id is not None
        there = await manual_runs.start(client, deployment_id)
        await runs.upsert_run(database, there, task_id, trigger="manual", scheduled_for=due)

        states = RunStates(database, FlowRuns(client, await task_rows.installation(database)))
        assert await states.forgotten.close({held}, NOW) == []  # nobody has looked yet
        # A few at a time: those of other tests may be among them.
        for _ in range(10):
            await states.refresh()
        assert await states.forgotten.close({held}, timedelta(minutes=1)) == []
        ended = await states.forgotten.close({held}, NOW)
        assert {waited, again, begun} <= set(ended)
        assert not {held, there} & set(ended)

    rows = {key: await runs.find(database, key) for key in (waited, again, begun, held, there)}
    found = {key: row.state for key, row in rows.items() if row is not None}
    # One time is missed once.
    assert sorted((found[waited], found[again])) == ["crashed", "missed"]
    assert (found[begun], found[held]) == ("crashed", "running")
    assert found[there] not in runs.FINAL_STATES
    row = rows[begun]
    assert row is not None
    assert row.ended_at is not None
    assert "Prefect no longer has this run" in row.message
