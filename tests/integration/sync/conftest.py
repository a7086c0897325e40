"""A Prefect server of the module's own, and rows to sync with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio

from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.embedded.prefect_context import pointed_at
from netstacks_tasks.embedded.prefect_server import PrefectServer
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.sync.prefect_gateway import PrefectGateway

AUTH_STRING = "tests:of-the-sync"
AddTask = Callable[..., Awaitable[TaskId]]


@pytest_asyncio.fixture(scope="session")
async def prefect_api(postgres: EmbeddedPostgres, public_tmp: Path) -> AsyncIterator[str]:
    """The API address of a Prefect server without workers."""
    async with await psycopg.AsyncConnection.connect(postgres.url(), autocommit=True) as admin:
        await admin.execute("CREATE DATABASE prefect_for_sync")
    url = postgres.url("prefect_for_sync")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:
        await admin.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    home = public_tmp / "prefect-for-sync"
    log = public_tmp / "prefect-for-sync.log"
    server = PrefectServer(home, database_url=url, auth_string=AUTH_STRING, port=0, log=log)
    await server.start()
    try:
        yield server.api_url
    finally:
        await server.stop()


@pytest.fixture(autouse=True)
def _login(prefect_api: str, public_tmp: Path) -> Iterator[None]:
    """Other tests of the process talk to another server."""
    with pointed_at(prefect_api, home=public_tmp / "prefect-for-sync", auth_string=AUTH_STRING):
        yield


@pytest_asyncio.fixture
async def gateway(prefect_api: str) -> AsyncIterator[PrefectGateway]:
    async with PrefectGateway.open(prefect_api) as opened:
        yield opened


@pytest.fixture
def add_task(database_url: str) -> AddTask:
    """Put a task straight into the table."""

    async def add(name: str, task_type: str = "backup") -> TaskId:
        task_id = TaskId(uuid4())
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as db:
            await db.execute(
                """INSERT INTO tasks (id, name, task_type, cron_expression, timezone, enabled,
                       max_retries, retry_delay_seconds, timeout_seconds, missed_runs, parameters)
                   VALUES (%s, %s, %s, '0 3 * * *', 'Europe/Berlin', true, 1, 5, 77, 'run_latest',
                       jsonb_build_object('type', %s::text))""",
                (task_id, name, task_type, task_type),
            )
        return task_id

    return add


EditTask = Callable[..., Awaitable[None]]


@pytest.fixture
def edit_task(database_url: str) -> EditTask:
    """Change a column of a task the way an edit does."""

    async def edit(task_id: UUID, column: str, value: object) -> None:
        statement = psycopg.sql.SQL(
            "UPDATE tasks SET {} = %s, revision = revision + 1, synced_hash = NULL WHERE id = %s"
        ).format(psycopg.sql.Identifier(column))
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as db:
            await db.execute(statement, (value, task_id))

    return edit
