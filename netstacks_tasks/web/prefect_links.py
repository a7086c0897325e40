"""Ways to Prefect's own page."""

from __future__ import annotations

import asyncio

from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.task import Task
from netstacks_tasks.wiring import NetStacks


async def of_run(netstacks: NetStacks, run_id: RunId) -> str | None:
    """Where Prefect shows a run; None: no Prefect is known."""
    # The first one imports Prefect, which takes seconds.
    return await asyncio.to_thread(netstacks.flow_run_url, run_id)


async def of_task(netstacks: NetStacks, task: Task) -> str | None:
    """Where Prefect shows a task's deployment; None: it shows none."""
    return await asyncio.to_thread(netstacks.deployment_url, task)
