"""The command line on a database with an inventory."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from netstacks_tasks.cli.main import execute
from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.importing.sources import Source
from netstacks_tasks.store.database import Database
from tests.conftest import copied_database

Done = subprocess.CompletedProcess[str]
Netstacks = Callable[..., Done]

GROUP = "a1b2c3d4-5678-9abc-def0-123456789abc"
CREDENTIAL = "b2c3d4e5-6789-abcd-ef01-234567890bcd"
INVENTORY = f"""
credentials:
  - {{id: {CREDENTIAL}, name: core, block_name: core}}
device_groups:
  - {{id: {GROUP}, name: core-routers}}
  - {{id: {uuid4()}, name: spare}}
devices:
  - {{name: r1, host: 127.0.0.1, platform: ios, groups: [core-routers], credential: core}}
  - {{name: r2, host: 127.0.0.2, platform: frr, groups: [core-routers], credential: core}}
"""
NO_PREFECT = {"PREFECT_API_URL": ""}
"""For what is about none being known: other tests may have left one running."""
PROGRAM = (sys.executable, "-c", "from netstacks_tasks.cli.main import main; main()")


@pytest_asyncio.fixture(scope="session")
async def template_database(
    postgres: EmbeddedPostgres, template_database: str
) -> AsyncIterator[str]:
    """The name of a database with the inventory, to be copied."""
    name = "with_inventory"
    async with copied_database(postgres, template_database, name) as url:
        async with Database.open(url, migrate=False) as db:
            await import_documents(db, [Source("inventory.yaml", INVENTORY.encode())])
        yield name


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "NETSTACKS_DATABASE_URL": database_url,
        "NETSTACKS_STATE_DIR": str(tmp_path / "state"),
    }


@pytest.fixture
def netstacks(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Netstacks:
    """Runs one command line in this process: quick, for what needs no more."""

    def call(*words: str, text: str = "", **more: str) -> Done:
        with monkeypatch.context() as patched:
            for name, value in (environment | more).items():
                patched.setenv(name, value)
            patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
            out, err = io.StringIO(), io.StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                code = execute(words)
        # Prefect has read the environment of the call.
        if prefect := sys.modules.get("prefect.context"):
            prefect.refresh_global_settings_context()
        return Done(list(words), code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def program(environment: dict[str, str]) -> Netstacks:
    """Runs one command line as a process of its own."""

    def call(*words: str, text: str = "", **more: str) -> Done:
        return subprocess.run(
            [*PROGRAM, *words],
            input=text,
            env=environment | more,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call


@contextmanager
def started(*words: str, env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A command line at work, its output in pipes; it never outlives the block.

    One that still runs at the end of it is aborted, and where it hung is printed.
    """
    with subprocess.Popen(
        [*PROGRAM, *words],
        env={**env, "PYTHONFAULTHANDLER": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGABRT)
                sys.stderr.write("\n".join(["aborted:", *words, *process.communicate()]))


def task(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - a document
    """A task that is right, with changes; those of `parameters` one by one."""
    document = {
        "name": "Nightly Core Router Backup",
        "task_type": "backup",
        "cron_expression": "0 2 * * *",
        "timezone": "America/New_York",
        "parameters": {
            "type": "backup",
            "target_type": "device_group",
            "target_id": GROUP,
            "destination": "config-snapshots/core-routers",
        },
    }
    parameters = {**document["parameters"], **changes.pop("parameters", {})}  # type: ignore[dict-item]  # a dict
    return {**document, **changes, "parameters": parameters}
