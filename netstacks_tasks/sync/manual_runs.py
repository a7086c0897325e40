"""Runs that people start, await and end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound

from netstacks_tasks.errors import AlreadyEnded, NotFound
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store import runs
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.desired import installation_tag, task_tag
from netstacks_tasks.sync.flow_runs import FlowRuns
from netstacks_tasks.sync.prefect_errors import translated
from netstacks_tasks.sync.run_states import RunStates

_OPEN = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED]
_POLL_SECONDS = 1.0
_FINAL_ROWS = frozenset({*runs.FINAL_STATES, "missed"})


async def start(
    client: PrefectClient, deployment_id: UUID, idempotency_key: str | None = None
) -> RunId:
    """Queue a run of a deployment, with its own retries and limits.

    Args:
        client: of Prefect.
        deployment_id: of the task.
        idempotency_key: the same one again gives the run that it started.

    Raises:
        SyncError: Prefect does not answer, or refuses.
    """
    async with translated("start a run"):
        run = await client.create_flow_run_from_deployment(
            deployment_id, idempotency_key=idempotency_key
        )
    return RunId(run.id)


async def under_way(client: PrefectClient, db: Database, task_id: TaskId) -> list[RunId]:
    """Runs of a task that wait or work; not those its schedule has made ahead."""
    tags = [task_tag(task_id), installation_tag(await task_rows.installation(db))]
    wanted = FlowRunFilter(
        tags=FlowRunFilterTags(all_=tags),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_OPEN)),
    )
    async with translated("read the runs"):
        found = await client.read_flow_runs(flow_run_filter=wanted, limit=200)
    return [RunId(run.id) for run in found if not _is_ahead(run)]


def _is_ahead(run: FlowRun) -> bool:
    return run.auto_scheduled and run.state is not None and run.state.name == "Scheduled"


async def cancel(client: PrefectClient, run_id: RunId) -> None:
    """End a run: at once when nothing works on it, else by its worker within seconds.

    Raises:
        NotFound: Prefect has no such run.
        AlreadyEnded: it is over.
        SyncError: Prefect does not answer, or refuses.
    """
    before = await _read(client, run_id)
    if before.is_final():
        raise AlreadyEnded.single(
            "run", f"the run {run_id} has ended already ({_word(before)}): nothing to cancel"
        )
    async with translated("cancel the run"):
        wanted: State[None] = State(type=StateType.CANCELLING, name="Cancelling")
        await client.set_flow_run_state(run_id, wanted)


async def check_ours(client: PrefectClient, db: Database, run_id: RunId) -> None:
    """A Prefect server may serve others also: their runs are none of our business.

    Raises:
        NotFound: the run is not one of our tasks'.
        SyncError: Prefect does not answer, or refuses.
    """
    if await runs.find(db, run_id) is not None:
        return
    flow_runs = FlowRuns(client, await task_rows.installation(db))
    if not await flow_runs.by_id([run_id]):
        raise NotFound("run", run_id)


async def ended(client: PrefectClient, db: Database, run_id: RunId) -> None:
    """Wait until a run is over and the history says so, whoever keeps it.

    Raises:
        NotFound: Prefect has no such run.
        SyncError: Prefect does not answer, or refuses.
    """
    while True:
        if (await _read(client, run_id)).is_final():
            break
        await asyncio.sleep(_POLL_SECONDS)
    row = await runs.find(db, run_id)
    if row is None or row.state not in _FINAL_ROWS:
        await feed_back(client, db)


async def feed_back(client: PrefectClient, db: Database) -> None:
    """Bring the history up to date once; the continuous sync does it all the time."""
    await RunStates(db, FlowRuns(client, await task_rows.installation(db))).refresh()


async def _read(client: PrefectClient, run_id: RunId) -> State[object]:
    async with translated("read the run"):
        try:
            run = await client.read_flow_run(run_id)
        except ObjectNotFound:
            raise NotFound("run", run_id) from None
    if run.state is None:
        raise NotFound("state of run", run_id)
    return run.state


def _word(state: State[object]) -> str:
    return (state.name or state.type.value).lower()


async def cancel_all(client: PrefectClient, run_ids: Sequence[RunId]) -> list[RunId]:
    """Cancel several; returns those that had not ended by themselves meanwhile."""
    cancelled = []
    for run_id in run_ids:
        try:
            await cancel(client, run_id)
        except AlreadyEnded:
            continue
        cancelled.append(run_id)
    return cancelled
