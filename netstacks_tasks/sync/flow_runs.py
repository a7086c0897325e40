"""Prefect's flow runs of this installation, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
    FlowRunFilterTags,
    Operator,
)
from prefect.client.schemas.objects import FlowRun, FlowRunPolicy, State, StateType
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import AwaitingRetry, Scheduled

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.sync.desired import installation_tag, task_of
from netstacks_tasks.sync.prefect_errors import translated

CATCH_UP_TAG = "netstacks-catch-up"
_PAGE = 200
_ACTIVE = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING, StateType.PAUSED]
_SERVER_ERROR = 500
_WAITING = ["AwaitingConcurrencySlot", "Late"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRun:
    """A flow run as Prefect has it."""

    id: RunId
    task_id: TaskId
    state_type: StateType
    state_name: str
    message: str
    state_at: datetime
    next_start: datetime | None
    scheduled_for: datetime
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int
    retries: int | None
    retry_delay: float | None
    retry_type: str | None
    lease_id: UUID | None
    scheduled: bool
    """Made by the schedule, not by hand."""
    catch_up: bool

    @property
    def is_final(self) -> bool:
        return self.ended_at is not None


class FlowRuns:
    """Reads and mends the flow runs that carry the installation's tag."""

    def __init__(self, client: PrefectClient, installation: UUID) -> None:
        self._client = client
        self.installation = installation
        self._tags = FlowRunFilterTags(all_=[installation_tag(installation)])

    @classmethod
    def to_mend(cls, client: PrefectClient) -> FlowRuns:
        """For runs that were found otherwise: by itself it finds none."""
        return cls(client, UUID(int=0))

    async def open(self, waiting_since: datetime) -> list[SeenRun]:
        """Runs that are under way or between two attempts, and some that wait.

        While no worker runs, any number may wait: of these only those whose time
        is later than `waiting_since`.
        """
        active = FlowRunFilterState(
            type=FlowRunFilterStateType(any_=_ACTIVE),
            name=FlowRunFilterStateName(any_=["AwaitingRetry"]),
        )
        active.operator = Operator.or_
        waiting = FlowRunFilterState(name=FlowRunFilterStateName(any_=_WAITING))
        since = FlowRunFilterExpectedStartTime(after_=waiting_since)
        found = await self._read(FlowRunFilter(tags=self._tags, state=active))
        return found + await self._read(
            FlowRunFilter(tags=self._tags, state=waiting, expected_start_time=since)
        )

    async def ended_since(self, since: datetime) -> list[SeenRun]:
        return await self._read(
            FlowRunFilter(tags=self._tags, end_time=FlowRunFilterEndTime(after_=since))
        )

    async def expected_between(self, start: datetime, end: datetime) -> list[SeenRun]:
        """Runs whose time lies between, whatever became of them."""
        between = FlowRunFilterExpectedStartTime(after_=start, before_=end)
        return await self._read(FlowRunFilter(tags=self._tags, expected_start_time=between))

    async def by_id(self, ids: Sequence[RunId]) -> list[SeenRun]:
        found: list[SeenRun] = []
        for start in range(0, len(ids), _PAGE):
            some = FlowRunFilterId(any_=list(ids[start : start + _PAGE]))
            found += await self._read(FlowRunFilter(tags=self._tags, id=some))
        return found

    async def _read(self, chosen: FlowRunFilter) -> list[SeenRun]:
        found: list[FlowRun] = []
        async with translated("read flow runs"):
            while True:
                page = await self._client.read_flow_runs(
                    flow_run_filter=chosen, limit=_PAGE, offset=len(found)
                )
                found += page
                if len(page) < _PAGE:
                    break
        return [run for run in (seen(item) for item in found) if run is not None]

    async def reschedule(self, run: SeenRun, *, at: datetime, retry: bool, message: str) -> None:
        """Hand a run whose process is gone to a worker again, and free its place."""
        async with translated(f"reschedule flow run {run.id}"):
            # A run marked to be retried in its own process is given to no worker.
            await self._client.update_flow_run(
                run.id,
                empirical_policy=FlowRunPolicy(
                    retries=run.retries,
                    retry_delay=None if run.retry_delay is None else int(run.retry_delay),
                ),
            )
            if run.lease_id is not None and run.state_type is StateType.SCHEDULED:
                await self._release(run.lease_id)
            state: State[None] = (
                AwaitingRetry(scheduled_time=at) if retry else Scheduled(scheduled_time=at)
            )
            state.message = message
            await self._set(run, state)

    async def finish(self, run: SeenRun, state: State[None]) -> None:
        """Put a run whose process is gone into a final state."""
        async with translated(f"end flow run {run.id}"):
            if run.lease_id is not None and run.state_type is StateType.SCHEDULED:
                await self._release(run.lease_id)
            await self._set(run, state, force=True)

    async def _set(self, run: SeenRun, state: State[None], *, force: bool = False) -> None:
        try:
            await self._client.set_flow_run_state(run.id, state, force=force)
        except PrefectHTTPStatusError as error:
            if run.lease_id is None or error.response.status_code < _SERVER_ERROR:
                raise
            # It holds a place of a limit that is gone, by a restore of Prefect's database:
            # Prefect fails to give it back with each state, but not when asked for that alone.
            await self._release(run.lease_id)
            await self._client.set_flow_run_state(run.id, state, force=force)

    async def _release(self, lease_id: UUID) -> None:
        try:
            await self._client.release_concurrency_slots_with_lease(lease_id)
        except ObjectNotFound:
            return

    async def catch_up(self, deployment_id: UUID, scheduled_for: datetime) -> None:
        """Run a missed time now; asking twice for the same time makes one run."""
        async with translated(f"start a catch-up run of deployment {deployment_id}"):
            await self._client.create_flow_run_from_deployment(
                deployment_id,
                state=Scheduled(
                    scheduled_time=datetime.now(UTC) + timedelta(seconds=1),
                    message=f"Makes up for {scheduled_for.isoformat()}, when nothing could run.",
                ),
                tags=[CATCH_UP_TAG],
                idempotency_key=f"{CATCH_UP_TAG}-{deployment_id}-{scheduled_for.isoformat()}",
            )


def seen(run: FlowRun) -> SeenRun | None:
    """The value of a flow run; None when it is not one of a task's or has no state yet."""
    task_id = task_of(run.tags)
    state = run.state
    if task_id is None or state is None:
        return None
    policy = run.empirical_policy
    delay = policy.retry_delay
    return SeenRun(
        id=RunId(run.id),
        task_id=task_id,
        state_type=state.type,
        state_name=state.name or "",
        message=state.message or "",
        state_at=state.timestamp,
        next_start=run.next_scheduled_start_time,
        scheduled_for=run.expected_start_time or state.timestamp,
        started_at=run.start_time,
        ended_at=(run.end_time or state.timestamp) if state.is_final() else None,
        attempts=run.run_count,
        retries=policy.retries,
        retry_delay=None if delay is None else float(delay),
        retry_type=policy.retry_type,
        lease_id=state.state_details.deployment_concurrency_lease_id,
        scheduled=run.auto_scheduled,
        catch_up=CATCH_UP_TAG in run.tags,
    )
