"""The flows against a real database, a real Prefect server and simulated devices."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from netstacks_tasks.demo.fleet import Fleet
from netstacks_tasks.demo.simulated.catalogue import CREDENTIALS
from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from tests.conftest import copied_database

from .warm_engine import WarmEngine
from .world import World

if TYPE_CHECKING:
    from netstacks_tasks.embedded.stack import Stack
    from netstacks_tasks.store.database import Database

FLEET_SIZE = 12


@pytest_asyncio.fixture(scope="package")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    """A dozen devices: three core routers and a core FRR router among them."""
    folder = tmp_path_factory.mktemp("fleet")
    # A device that is down leaves its address free: for nobody else's fleet to take.
    number = os.getpid()
    base = f"127.{100 + number // 250 % 100}.{number % 250}.1"
    async with Fleet.open(folder, count=FLEET_SIZE, base=base) as opened:
        yield opened


@pytest_asyncio.fixture
async def database_url(postgres: EmbeddedPostgres, template_database: str) -> AsyncIterator[str]:
    """The URL of a fresh database of the test's own, always the same: a block holds it."""
    async with copied_database(postgres, template_database, "of_the_flows") as url:
        yield url


@pytest_asyncio.fixture(scope="package")
async def configs(
    prefect_stack: Stack, postgres: EmbeddedPostgres, fleet: Fleet, public_tmp: Path
) -> AsyncIterator[Path]:
    """The folder that the blocks name as config store; they lead to the tests' own places."""
    from blocks.documents import BlockDocuments, register

    def documents(database_url: str, root: Path) -> BlockDocuments:
        credentials = {
            spec.block_name: next(
                {
                    name: getattr(value, "get_secret_value", lambda value=value: value)()
                    for name, value in dict(node.device.credential).items()
                }
                for node in fleet.nodes.values()
                if node.device.spec.kind.credential == spec
            )
            for spec in CREDENTIALS
        }
        return BlockDocuments.model_validate(
            {
                "database_url": database_url,
                "config_store_root": str(root),
                "device_credentials": credentials,
            }
        )

    folder = public_tmp / "flows" / "configs"
    await register(documents(postgres.url("of_the_flows"), folder))
    yield folder
    await register(documents(prefect_stack.database_url, prefect_stack.config_store))


@pytest_asyncio.fixture
async def world(
    database: Database, fleet: Fleet, engine: WarmEngine, configs: Path
) -> AsyncIterator[World]:
    """Healthy devices with their counts at zero, and nothing kept of them yet."""
    configs.parent.mkdir()
    await fleet.operations.heal({})
    await fleet.operations.clear({})
    opened = World(fleet, database, configs)
    await opened.fill()
    yield opened
    await fleet.operations.heal({})
    shutil.rmtree(configs.parent)
