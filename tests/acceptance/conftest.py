"""A stack with the demo's devices, inventory and tasks, for the files of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from netstacks_tasks.demo.scene import Scene, scene
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.settings import Settings


@pytest_asyncio.fixture(scope="package")
async def staged(public_tmp: Path) -> AsyncIterator[Scene]:
    """The scene; its PostgreSQL is durable, for it is killed."""
    settings = Settings(
        state_dir=public_tmp / "acceptance", postgres_port=0, prefect_port=0, prefect_api_url=None
    )
    async with Stack(settings) as stack, scene(stack, say=print) as on_stage:
        yield on_stage
