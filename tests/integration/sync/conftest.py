"""Rows to sync with a Prefect server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio

from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.sync.prefect_gateway import PrefectGateway

AddTask = Callable[..., Awaitable[TaskId]]
POOL = "of-the-sync"
"""Nobody serves it: what is started waits."""


@pytest.fixture
def prefect_api(prefect_stack: Stack) -> str:
    """The API address of the server that this process is pointed at."""
    return prefect_stack.api_url


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
