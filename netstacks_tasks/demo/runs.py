"""Starts runs through their deployments and waits for what comes of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.runs import TaskRun
from netstacks_tasks.models.task import Task
from netstacks_tasks.store import runs, tasks
from netstacks_tasks.store.database import Database

T = TypeVar("T")

_RAN = frozenset({"completed", "failed", "cancelled", "crashed"})
_ENDED = _RAN | {"missed"}


class DemoRuns:
    """The runs of one stack, as its own history shows them."""

    def __init__(self, db: Database, api_url: str) -> None:
        self._db = db
        self._api_url = api_url

    async def when_deployed(self, names: Sequence[str]) -> dict[str, Task]:
        """The tasks by name, as soon as the sync has deployed each of them."""

        async def look() -> dict[str, Task] | None:
            found = {name: await tasks.get(self._db, name) for name in names}
            return found if all(task.deployment_id for task in found.values()) else None

        return await _until(look, 60, "the sync has not deployed every task")

    async def start(self, task: Task) -> RunId:
        """Start a run of the task's deployment, as `prefect deployment run` does."""
        # Prefect reads its environment when it is imported: only once the stack has set it.
        from netstacks_tasks.sync.prefect_errors import open_client, translated  # noqa: PLC0415

        if task.deployment_id is None:
            raise ConfigurationError(f"the task {task.spec.name!r} has no deployment yet")
        async with open_client(self._api_url) as client, translated("start a run"):
            run = await client.create_flow_run_from_deployment(task.deployment_id)
        return RunId(run.id)

    async def ended(self, run_id: RunId) -> TaskRun:
        """The run's row of the history, once it has ended."""

        async def look() -> TaskRun | None:
            run = await runs.find(self._db, run_id)
            return run if run is not None and run.state in _ENDED else None

        return await _until(look, 180, f"the run {run_id} has not ended")

    async def fired(self, task: Task, *, after: datetime) -> TaskRun:
        """The first run that the task's schedule started after that time, once it has ended.

        The minute in which the task is made may be over before Prefect knows of it: such
        a time is missed, and has a run to make up for it; this waits for the next.
        """

        async def look() -> TaskRun | None:
            history = await runs.history(self._db, task.id, limit=50)
            scheduled = [
                run
                for run in history
                if run.trigger == "schedule" and run.state in _RAN and run.scheduled_for > after
            ]
            return min(scheduled, key=lambda run: run.scheduled_for, default=None)

        return await _until(look, 150, f"the schedule of {task.spec.name!r} has not fired")

    async def results(self, run_id: RunId) -> list[DeviceResult]:
        """What the run found: the last attempt at each item of each device."""
        newest: dict[tuple[str, str], DeviceResult] = {}
        for result in await runs.results(self._db, run_id):
            key = (result.device_name, result.item)
            if key not in newest or newest[key].attempt <= result.attempt:
                newest[key] = result
        return list(newest.values())

    async def report(self, run_id: RunId) -> str:
        """The report that Prefect shows of the run's last attempt, in markdown."""
        from prefect.client.schemas.filters import (  # noqa: PLC0415 - as in `start`
            ArtifactFilter,
            ArtifactFilterFlowRunId,
            ArtifactFilterType,
        )
        from prefect.client.schemas.sorting import ArtifactSort  # noqa: PLC0415

        from netstacks_tasks.sync.prefect_errors import open_client, translated  # noqa: PLC0415

        async with open_client(self._api_url) as client, translated("read a report"):
            found = await client.read_artifacts(
                artifact_filter=ArtifactFilter(
                    flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]),
                    type=ArtifactFilterType(any_=["markdown"]),
                ),
                sort=ArtifactSort.CREATED_DESC,
                limit=1,
            )
        return str(found[0].data) if found else ""


async def _until(look: Callable[[], Awaitable[T | None]], seconds: float, failure: str) -> T:
    deadline = time.monotonic() + seconds
    while (found := await look()) is None:
        if time.monotonic() > deadline:
            raise ConfigurationError(f"{failure} after {seconds:g} seconds; see the logs")
        await asyncio.sleep(0.5)
    return found
