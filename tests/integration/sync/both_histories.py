"""Runs that are in both databases, with all that Prefect keeps of a run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import LogCreate
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
    TaskRunFilter,
    TaskRunFilterFlowRunId,
)
from prefect.client.schemas.objects import State
from prefect.states import Completed, Running

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.desired import installation_tag, task_tag
from netstacks_tasks.sync.flow_run_removal import FlowRunRemoval
from netstacks_tasks.sync.prefect_errors import open_client


@dataclass(frozen=True, slots=True)
class BothHistories:
    """NetStacks' own database, and the Prefect server."""

    db: Database
    client: PrefectClient
    installation: UUID

    @property
    def removal(self) -> FlowRunRemoval:
        return FlowRunRemoval(self.client, self.installation)

    async def execute(self, statement: str, *values: Any) -> list[Any]:  # noqa: ANN401 - as psycopg
        async with self.db.connection() as connection:
            cursor = await connection.execute(statement.encode(), values)
            return await cursor.fetchall() if cursor.description else []

    async def flow_run(self, task_id: TaskId, state: State[Any] | None = None) -> RunId:
        """One of Prefect's alone, with a log line, an artifact, a task run and an input."""
        flow_id = await self.client.create_flow_from_name("of-the-retention")
        body = {
            "flow_id": str(flow_id),
            "tags": [installation_tag(self.installation), task_tag(task_id)],
            "state": {"type": (state or Completed()).type.value},
        }
        answer = await self.client.request("POST", "/flow_runs/", json=body)
        run_id = RunId(UUID(answer.json()["id"]))
        now = datetime.now(UTC)
        await self.client.create_logs(
            [LogCreate(name="n", level=20, message="said", timestamp=now, flow_run_id=run_id)]
        )
        for key in ("report-r", None):
            artifact = {"key": key, "type": "markdown", "data": "x", "flow_run_id": str(run_id)}
            await self.client.request("POST", "/artifacts/", json=artifact)
        task_run = {"flow_run_id": str(run_id), "task_key": "k", "dynamic_key": "0"}
        await self.client.request("POST", "/task_runs/", json=task_run)
        await self.client.create_flow_run_input(run_id, "key", "value")
        return run_id

    async def runs(self, task_id: TaskId, *days: float) -> list[RunId]:
        """Some in both, of so many days ago, that are over."""
        return await asyncio.gather(*(self.run(task_id, one) for one in days))

    async def run(self, task_id: TaskId, days: float, *, over: bool = True) -> RunId:
        """One in both, with a result."""
        run_id = await self.flow_run(task_id, None if over else Running())
        await self.row(run_id, task_id, days, over=over)
        return run_id

    async def row(self, run_id: RunId, task_id: TaskId, days: float, *, over: bool = True) -> None:
        """One in our own database."""
        at = datetime.now(UTC) - timedelta(days=days)
        await self.execute(
            """INSERT INTO task_runs (id, task_id, task_name, task_type, trigger, state,
                   scheduled_for, started_at, ended_at)
               SELECT %s, id, name, task_type, 'schedule', %s, %s, %s, %s
               FROM tasks WHERE id = %s""",
            run_id, "completed" if over else "running", at, at, at if over else None, task_id,
        )  # fmt: skip
        await self.execute(
            """INSERT INTO device_results (run_id, attempt, device_name, item, ok, summary)
               VALUES (%s, 1, 'r1', 'ping', true, 'fine')""",
            run_id,
        )

    async def ours(self) -> set[RunId]:
        return {row[0] for row in await self.execute("SELECT id FROM task_runs")}

    async def left_in_prefect(self, runs: Collection[RunId]) -> dict[str, set[RunId]]:
        """By kind, the runs of which there is something."""
        ids = list(runs)
        found = await self.client.read_flow_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=ids))
        )
        artifacts = await self.client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=ids))
        )
        logs = await self.client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=ids)))
        task_runs = await self.client.read_task_runs(
            task_run_filter=TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=ids))
        )
        return {
            "flow_runs": {RunId(one.id) for one in found},
            "artifacts": {RunId(one.flow_run_id) for one in artifacts if one.flow_run_id},
            "logs": {RunId(one.flow_run_id) for one in logs if one.flow_run_id},
            "task_runs": {RunId(one.flow_run_id) for one in task_runs if one.flow_run_id},
        }


@asynccontextmanager
async def opened(db: Database, api_url: str) -> AsyncIterator[BothHistories]:
    async with open_client(api_url) as client:
        yield BothHistories(db, client, await task_rows.installation(db))
