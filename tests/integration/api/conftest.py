"""What the API's tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.integration.api import world
from tests.served import Served, served, settings_for


@pytest_asyncio.fixture
async def api_site(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    """The API on a database of the test's own, without Prefect."""
    async with served(settings_for(database_url, tmp_path)) as running:
        await world.fill(running.netstacks.db)
        yield running
