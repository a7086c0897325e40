"""What several folders of these tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_asyncio

if TYPE_CHECKING:
    from netstacks_tasks.embedded.stack import Stack
    from tests.integration.flows.warm_engine import WarmEngine


@pytest_asyncio.fixture(scope="session")
async def engine(prefect_stack: Stack, public_tmp: Path) -> AsyncIterator[WarmEngine]:
    """Executes flow runs without the seconds that their imports take."""
    from tests.integration.flows import running
    from tests.integration.flows.warm_engine import warm_engine

    async with warm_engine(public_tmp / "warm-engine") as started:
        running.ENGINE = started
        yield started
        running.ENGINE = None
