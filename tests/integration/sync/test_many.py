"""A sync of many tasks: killed half-way, overtaken by an edit, told of as it goes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from uuid import uuid4

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.catalogue import Entry
from netstacks_tasks.sync.desired import Desired
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.reconcile import sync
from netstacks_tasks.sync.report import Progress
from tests.integration.sync.conftest import POOL, AddTask, EditTask
from tests.unit.sync.model import CATALOGUE

_COUNT = 14
"""Three portions."""
_SYNC = """
import asyncio, sys, time
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.reconcile import sync
from tests.unit.sync.model import CATALOGUE

async def main(url, api, pool):
    async with Database.open(url, migrate=False) as db, PrefectGateway.open(api) as gateway:
        def told(progress):
            print(progress.done, flush=True)
            if progress.done > 6:
                time.sleep(600)  # until it is killed
        await sync(db, gateway, work_pool=pool, catalogue=CATALOGUE, on_progress=told)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_killed_sync_is_finished_by_the_next_one(
    database: Database,
    database_url: str,
    gateway: PrefectGateway,
    prefect_api: str,
    add_task: AddTask,
) -> None:
    names = {f"many {uuid4()}" for _ in range(_COUNT)}
    for name in names:
        await add_task(name)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _SYNC, database_url, prefect_api, POOL),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"6\n"
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    told: list[Progress] = []
    report = await sync(
        database, gateway, work_pool=POOL, catalogue=CATALOGUE, on_progress=told.append
    )
    # What was written and not marked when it was killed is found, not written again.
    assert set(report.created) < names
    assert len(report.created) + report.unchanged <= _COUNT - 6
    assert not report.updated
    assert told[-1].done == told[-1].total == told[0].total
    rows = await task_rows.following(database, None, limit=100)
    assert all(row.synced_hash for row in rows)


async def test_an_edit_overtakes_what_waits(
    database: Database, gateway: PrefectGateway, add_task: AddTask, edit_task: EditTask
) -> None:
    edited = await add_task(f"edited {uuid4()}")
    await sync(database, gateway, work_pool=POOL, catalogue=CATALOGUE)
    for _ in range(_COUNT):
        await add_task(f"waits {uuid4()}")
    order: list[TaskId] = []
    put = gateway.put

    async def watched(item: Desired) -> object:
        if not order:
            await edit_task(edited, "max_retries", 7)
            async with database.transaction() as connection:
                await connection.execute(
                    "UPDATE tasks SET updated_at = clock_timestamp() WHERE id = %s", (edited,)
                )
        order.append(item.row.id)
        return await put(item)

    gateway.put = watched  # type: ignore[method-assign, assignment] # only looks on
    await sync(database, gateway, work_pool=POOL, catalogue=CATALOGUE)
    assert order.index(edited) < 12
    assert len(order) == _COUNT + 1


async def test_another_catalogue_is_noticed_and_the_same_one_costs_nothing(
    database: Database, gateway: PrefectGateway, add_task: AddTask
) -> None:
    name = f"moves {uuid4()}"
    task_id = await add_task(name)
    await sync(database, gateway, work_pool=POOL, catalogue=CATALOGUE)
    more = CATALOGUE | {"agent_task": Entry(flow_name="agent_task", entrypoint="flows.a.b")}
    same = await sync(database, gateway, work_pool=POOL, catalogue=more)
    assert not same.changed
    row = (await task_rows.by_id(database, [task_id]))[0]
    moved = more | {"backup": Entry(flow_name="backup", entrypoint="flows.other.backup")}
    report = await sync(database, gateway, work_pool=POOL, catalogue=moved)
    assert report.updated == {name: ("entrypoint",)}
    assert (await task_rows.by_id(database, [task_id]))[0].synced_hash != row.synced_hash
