"""What the tests share: a PostgreSQL of their own and, when asked for, a whole stack."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import hypothesis
import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from xdist.scheduler import LoadFileScheduling

# Whatever the person who runs the tests has set up must not matter, and the
# tests must not touch it. Prefect reads its environment when it is imported.
for _name in [name for name in os.environ if name.startswith(("NETSTACKS_", "PREFECT_", "PG"))]:
    del os.environ[_name]
_PREFECT_HOME = tempfile.mkdtemp(prefix="netstacks-prefect-home-")
os.environ |= {
    "PREFECT_HOME": _PREFECT_HOME,
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}

# Started in the background, a shell has it ignored, and so would every process
# that a test means to interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

from netstacks_tasks.embedded.postgres import EmbeddedPostgres  # noqa: E402

# A machine that others share stands still for a moment now and then.
hypothesis.settings.register_profile(
    "shared", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shared")

if TYPE_CHECKING:
    from xdist.remote import Producer

    from netstacks_tasks.embedded.stack import Stack
    from netstacks_tasks.store.database import Database

_TEMPLATE = "netstacks_template"
_TOGETHER = {
    f"tests/acceptance/{name}.py": "tests/acceptance"
    for name in ("test_json_to_history", "test_recovery")
}
"""Files that share a stack, which takes half a minute to start: one process runs them."""


class _FileScheduling(LoadFileScheduling):  # type: ignore[misc]  # it has no types
    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return _TOGETHER.get(file, file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """As `--dist loadfile`, but for the files that stay together."""
    return _FileScheduling(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session", autouse=True)
def _prefect_home() -> Iterator[None]:
    """Remove the folder that Prefect wrote its own things to."""
    yield
    shutil.rmtree(_PREFECT_HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def public_tmp() -> Iterator[Path]:
    """A folder for the session that other users may enter (pytest's own are closed)."""
    folder = Path(tempfile.mkdtemp(prefix="netstacks-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest_asyncio.fixture(scope="session")
async def postgres(public_tmp: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A running cluster with nothing in it."""
    async with EmbeddedPostgres(public_tmp / "postgres", durable=False) as cluster:
        yield cluster


@pytest_asyncio.fixture(scope="session")
async def postgres_url(postgres: EmbeddedPostgres) -> str:
    """The administrator's URL of the cluster."""
    return postgres.url()


async def _execute(url: str, statement: sql.Composed) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:
        await admin.execute(statement)


@pytest_asyncio.fixture(scope="session")
async def template_database(postgres: EmbeddedPostgres) -> str:
    """The name of a database with the newest schema and no rows, to be copied."""
    from netstacks_tasks.store.database import Database

    await _execute(postgres.url(), sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))

    async with Database.open(postgres.url(_TEMPLATE), migrate=True):
        pass
    return _TEMPLATE


@asynccontextmanager
async def copied_database(
    postgres: EmbeddedPostgres, template: str, name: str
) -> AsyncIterator[str]:
    """The URL of a copy of a database, dropped at the end of the block."""
    # As files: a third of the time of the other way, for a database of a few pages.
    fresh = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    await _execute(postgres.url(), fresh)
    # Each copy is an installation of its own, as after a migration.
    await _execute(
        postgres.url(name), sql.SQL("UPDATE installation SET id = gen_random_uuid()").format()
    )
    yield postgres.url(name)
    await _execute(
        postgres.url(), sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    )


@pytest_asyncio.fixture
async def database_url(postgres: EmbeddedPostgres, template_database: str) -> AsyncIterator[str]:
    """The URL of a fresh migrated database of the test's own."""
    async with copied_database(postgres, template_database, f"test_{uuid4().hex}") as url:
        yield url


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open store on a fresh database."""
    from netstacks_tasks.store.database import Database

    async with Database.open(database_url, migrate=False) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session")
async def prefect_stack(public_tmp: Path) -> AsyncIterator[Stack]:
    """A Prefect server, the work pool, the blocks and a worker; no sync.

    Its database is a fresh one: the block `netstacks-database` points to it,
    and so does `.database_url`. Within it `PREFECT_API_URL` is set.
    """
    from netstacks_tasks.embedded.stack import Stack
    from netstacks_tasks.settings import Settings

    settings = Settings(state_dir=public_tmp / "stack", postgres_port=0, prefect_port=0)
    async with Stack(settings, sync=False, durable=False) as stack:
        yield stack
