"""The flows against a real database, a real Prefect server and simulated devices."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from netstacks_tasks.demo.fleet import Fleet
from netstacks_tasks.demo.simulated.catalogue import CREDENTIALS

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
async def world(
    prefect_stack: Stack, database: Database, fleet: Fleet, tmp_path: Path
) -> AsyncIterator[World]:
    """Healthy devices with their counts at zero, in a database of the test's own."""
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

    await fleet.operations.heal({})
    await fleet.operations.clear({})
    await register(documents(database.url, tmp_path / "configs"))
    opened = World(fleet, database, tmp_path / "configs")
    await opened.fill()
    yield opened
    await fleet.operations.heal({})
    await register(documents(prefect_stack.database_url, prefect_stack.config_store))
