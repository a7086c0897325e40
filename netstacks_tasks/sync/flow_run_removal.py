"""Takes flow runs out of Prefect, with all that it has of them.

Deleting a flow run takes its states, its task runs and its inputs with it, and Prefect
then deletes its log by itself. Its artifacts stay, each to be deleted by its id. Its
events go by Prefect's own age for events; there is no request that deletes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import TERMINAL_STATES
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound

from netstacks_tasks.models.ids import RunId
from netstacks_tasks.sync.desired import installation_tag
from netstacks_tasks.sync.prefect_errors import translated

_PAGE: Final = 200
_PARALLEL: Final = 4
_BULK_DELETE: Final = cast("Any", "/flow_runs/bulk_delete")
"""Of the server's paths, the client's types do not know this one."""


class FlowRunRemoval:
    """Removes flow runs that are over; doing it twice does no harm."""

    def __init__(self, client: PrefectClient, installation: UUID) -> None:
        self._client = client
        self._tags = FlowRunFilterTags(all_=[installation_tag(installation)])
        self._over = FlowRunFilterState(
            type=FlowRunFilterStateType(any_=sorted(TERMINAL_STATES)),
        )

    async def remove(self, runs: Collection[RunId]) -> set[RunId]:
        """Delete them; at most 50.

        Returns:
            those of which Prefect has nothing more, now or before. Not among them: runs
            that somebody made go on.

        Raises:
            PrefectUnavailable: it does not answer.
            SyncError: it refuses.
        """
        wanted = FlowRunFilterId(any_=list(runs))
        over = FlowRunFilter(id=wanted, state=self._over)
        async with translated("delete flow runs"):
            await self._client.request(
                "POST", _BULK_DELETE, json={"flow_runs": over.model_dump(mode="json")}
            )
            left = await self._client.read_flow_runs(flow_run_filter=FlowRunFilter(id=wanted))
        gone = set(runs) - {RunId(one.id) for one in left}
        await self._remove_artifacts(gone)
        return gone

    async def _remove_artifacts(self, runs: Collection[RunId]) -> None:
        wanted = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=list(runs)))
        while runs:
            async with translated("delete artifacts"):
                found = await self._client.read_artifacts(artifact_filter=wanted, limit=_PAGE)
                for start in range(0, len(found), _PARALLEL):
                    some = found[start : start + _PARALLEL]
                    await asyncio.gather(*(self._remove_artifact(one.id) for one in some))
            if len(found) < _PAGE:
                return

    async def _remove_artifact(self, artifact_id: UUID) -> None:
        try:
            await self._client.delete_artifact(artifact_id)
        except ObjectNotFound:
            return

    async def ended_before(self, before: datetime) -> list[RunId]:
        """Flow runs of this installation that ended earlier and are still there."""
        chosen = FlowRunFilter(
            tags=self._tags, state=self._over, end_time=FlowRunFilterEndTime(before_=before)
        )
        found: list[RunId] = []
        async with translated("read flow runs"):
            while True:
                page = await self._client.read_flow_runs(
                    flow_run_filter=chosen,
                    sort=FlowRunSort.START_TIME_ASC,
                    limit=_PAGE,
                    offset=len(found),
                )
                found += [RunId(one.id) for one in page]
                if len(page) < _PAGE:
                    return found
