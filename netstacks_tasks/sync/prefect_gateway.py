"""The only client of Prefect's deployments."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    DeploymentFilterName,
    DeploymentFilterTags,
    FlowFilter,
    FlowFilterId,
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    Operator,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.states import Cancelled, Scheduled

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.sync.deployment_content import (
    concurrency_options,
    content_of,
    schedule_of,
)
from netstacks_tasks.sync.desired import Desired, Place, installation_tag, task_tag
from netstacks_tasks.sync.plan import Actual
from netstacks_tasks.sync.prefect_errors import open_client, translated

_PAGE = 200
# A server, which is one process, is busy with two writes at a time. More would
# only make each wait, and with it whoever edits a task meanwhile.
_PARALLEL = 4
_AT_WORK = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING, StateType.SCHEDULED]
"""States in which a run may hold a place: between two attempts, too."""


class PrefectGateway:
    """Deployments of one Prefect server, through its own client."""

    def __init__(self, client: PrefectClient) -> None:
        self._client = client
        self._flow_ids: dict[str, UUID] = {}
        self._flow_names: dict[UUID, str] = {}
        self._slots = asyncio.Semaphore(_PARALLEL)
        self._spared: set[str] = set()
        """Concurrency limits whose deployments are gone."""

    @classmethod
    @asynccontextmanager
    async def open(cls, api_url: str) -> AsyncIterator[PrefectGateway]:
        """A gateway to the server behind `api_url` (`http://host:port/api`)."""
        async with open_client(api_url) as client:
            yield cls(client)

    async def owned(self, installation: UUID) -> list[Actual]:
        tags = DeploymentFilterTags(all_=[installation_tag(installation)])
        return await self._read(DeploymentFilter(tags=tags))

    async def count_owned(self, installation: UUID) -> int:
        tags = DeploymentFilterTags(all_=[installation_tag(installation)])
        chosen = DeploymentFilter(tags=tags).model_dump(mode="json")
        async with translated("count deployments"):
            answer = await self._client.request(
                "POST", "/deployments/count", json={"deployments": chosen}
            )
            return int(answer.json())

    async def find(
        self, *, task_ids: Sequence[TaskId], places: Sequence[Place], ids: Sequence[UUID]
    ) -> list[Actual]:
        found: dict[UUID, Actual] = {}
        # One request for all three: each costs the server a round of its database.
        for start in range(0, max(len(task_ids), len(places), len(ids)), _PAGE):
            page = slice(start, start + _PAGE)
            chosen = DeploymentFilter(operator=Operator.or_)
            if task_ids[page]:
                tags = [task_tag(task_id) for task_id in task_ids[page]]
                chosen.tags = DeploymentFilterTags(any_=tags)
            if places[page]:
                names = sorted({place.name for place in places[page]})
                chosen.name = DeploymentFilterName(any_=names)
            if ids[page]:
                chosen.id = DeploymentFilterId(any_=list(ids[page]))
            found |= {item.id: item for item in await self._read(chosen)}
        return list(found.values())

    async def _read(self, chosen: DeploymentFilter) -> list[Actual]:
        # As JSON: the client's models check every timezone against 600 files.
        found: list[dict[str, Any]] = []
        asked = {"deployments": chosen.model_dump(mode="json"), "sort": "NAME_ASC", "limit": _PAGE}
        async with translated("read deployments"):
            while True:
                answer = await self._client.request(
                    "POST", "/deployments/filter", json=asked | {"offset": len(found)}
                )
                page: list[dict[str, Any]] = answer.json()
                found += page
                if len(page) < _PAGE:
                    break
            unknown = {UUID(item["flow_id"]) for item in found} - set(self._flow_names)
            await self._learn_flows(sorted(unknown))
        return [
            Actual(
                id=UUID(item["id"]),
                place=Place(flow_name=self._flow_names[flow_id], name=item["name"]),
                content=content_of(item),
            )
            for item in found
            if (flow_id := UUID(item["flow_id"])) in self._flow_names
        ]

    async def _learn_flows(self, flow_ids: Sequence[UUID]) -> None:
        for start in range(0, len(flow_ids), _PAGE):
            page = list(flow_ids[start : start + _PAGE])
            for flow in await self._client.read_flows(
                flow_filter=FlowFilter(id=FlowFilterId(any_=page)), limit=_PAGE
            ):
                self._flow_names[flow.id] = flow.name

    async def put(self, wanted: Desired) -> UUID:
        content = wanted.content
        async with self._slots, translated(f"write deployment {wanted.place}"):
            return await self._client.create_deployment(
                flow_id=await self._flow_id(wanted.place.flow_name),
                name=wanted.place.name,
                description=content.description,
                tags=list(content.tags),
                entrypoint=content.entrypoint,
                path=content.path,
                # None would leave steps that somebody added; no steps says the same.
                pull_steps=content.pull_steps or [],
                parameters=content.parameters,
                parameter_openapi_schema=content.parameter_schema,
                enforce_parameter_schema=content.enforce_parameter_schema,
                job_variables=content.job_variables,
                work_pool_name=content.work_pool,
                work_queue_name=content.work_queue,
                paused=content.paused,
                concurrency_limit=content.concurrency_limit,
                concurrency_options=concurrency_options(content),
                schedules=[schedule_of(line) for line in content.schedules],
            )

    async def _flow_id(self, name: str) -> UUID:
        if name not in self._flow_ids:
            self._flow_ids[name] = await self._client.create_flow_from_name(name)
        return self._flow_ids[name]

    async def delete(self, deployment_id: UUID, *, successor: Place | None) -> None:
        async with self._slots, translated(f"delete deployment {deployment_id}"):
            for run in await self._waiting(deployment_id):
                gone = "its task was renamed" if successor is not None else "its task was deleted"
                await self._move(run, successor, gone)
            try:
                if await self._is_at_work(deployment_id):
                    await self._spare_limit(deployment_id)
                await self._client.delete_deployment(deployment_id)
            except ObjectNotFound:
                return

    async def _is_at_work(self, deployment_id: UUID) -> bool:
        states = FlowRunFilterState(type=FlowRunFilterStateType(any_=_AT_WORK))
        found = await self._client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                deployment_id=FlowRunFilterDeploymentId(any_=[deployment_id]), state=states
            ),
            limit=_PAGE,
        )
        return any(
            run.state is not None and run.state.state_details.deployment_concurrency_lease_id
            for run in found
        )

    async def _spare_limit(self, deployment_id: UUID) -> None:
        """Let the concurrency limit outlive the deployment, until its run has ended.

        The run holds a place of it; where there is no limit to give the place back
        to, Prefect refuses every later state of the run with an error of its own.
        """
        deployment = await self._client.read_deployment(deployment_id)
        limit = deployment.global_concurrency_limit
        if limit is None:
            return
        await self._client.request(
            "PATCH",
            "/deployments/{id}",
            path_params={"id": deployment_id},
            json={"global_concurrency_limit_id": None},
        )
        self._spared.add(limit.name)

    async def remove_spared_limits(self) -> None:
        async with self._slots, translated("remove the limits of deleted deployments"):
            for name in list(self._spared):
                try:
                    limit = await self._client.read_global_concurrency_limit_by_name(name)
                    if limit.active_slots:
                        continue
                    await self._client.delete_global_concurrency_limit_by_name(name)
                except ObjectNotFound:
                    pass
                self._spared.discard(name)

    async def requeue(self, deployment_id: UUID, place: Place) -> None:
        async with self._slots, translated(f"move the waiting runs of {place}"):
            deployment = await self._client.read_deployment(deployment_id)
            for run in await self._waiting(deployment_id):
                if run.work_queue_id != deployment.work_queue_id:
                    await self._move(run, place, "its task moved to another work pool")

    async def _waiting(self, deployment_id: UUID) -> list[FlowRun]:
        """Runs that are due and were never started; those scheduled ahead are no loss."""
        runs = await self._client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                deployment_id=FlowRunFilterDeploymentId(any_=[deployment_id]),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            ),
            limit=_PAGE,
        )
        return [
            run
            for run in runs
            if run.run_count == 0
            and (not run.auto_scheduled or run.state_name in ("Late", "AwaitingConcurrencySlot"))
        ]

    async def _move(self, run: FlowRun, successor: Place | None, reason: str) -> None:
        """Queue a waiting run again at the successor, and take it from where it was.

        The idempotency key makes a second try, after a crash in between, harmless.
        """
        if successor is not None:
            place = await self._client.read_deployment_by_name(str(successor))
            await self._client.create_flow_run_from_deployment(
                place.id,
                state=Scheduled(scheduled_time=run.expected_start_time),
                idempotency_key=f"netstacks-moved-{run.id}",
            )
        became = "It is gone" if successor is None else "Another run takes its place"
        await self._client.set_flow_run_state(
            run.id, Cancelled(message=f"{became}: {reason}."), force=True
        )

    async def ensure_work_pool(self, name: str) -> None:
        async with translated(f"create work pool {name}"):
            try:
                await self._client.read_work_pool(name)
            except ObjectNotFound:
                try:
                    await self._client.create_work_pool(WorkPoolCreate(name=name, type="netstacks"))
                except ObjectAlreadyExists:
                    return
