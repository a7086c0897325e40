"""What Prefect holds of a task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from netstacks_tasks.models.task import Task
from tests.served import Served

if TYPE_CHECKING:
    from prefect.client.schemas.responses import DeploymentResponse


async def deployment(
    site: Served, name: str, like: Callable[[DeploymentResponse], bool] = lambda _: True
) -> tuple[Task, DeploymentResponse]:
    """A task and its deployment, as soon as that is as it should be."""
    from prefect import get_client
    from prefect.exceptions import ObjectNotFound

    async with asyncio.timeout(30), get_client() as client:
        while True:
            task = await site.netstacks.task(name)
            if task.deployment_id is not None:
                try:
                    found = await client.read_deployment(task.deployment_id)
                except ObjectNotFound:
                    pass
                else:
                    if like(found):
                        return task, found
            await asyncio.sleep(0.1)
