"""What a run's flow reported to Prefect."""

from __future__ import annotations

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    ArtifactFilterType,
)
from prefect.client.schemas.sorting import ArtifactSort

from netstacks_tasks.models.ids import RunId
from netstacks_tasks.sync.prefect_errors import translated


async def read_report(client: PrefectClient, run_id: RunId) -> str | None:
    """The report of a run's newest attempt, in markdown; None when there is none.

    Raises:
        SyncError: Prefect does not answer, or refuses.
    """
    wanted = ArtifactFilter(
        flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]),
        type=ArtifactFilterType(any_=["markdown"]),
        key=ArtifactFilterKey(like_="report-"),
    )
    async with translated("read the report"):
        found = await client.read_artifacts(
            artifact_filter=wanted, sort=ArtifactSort.CREATED_DESC, limit=1
        )
    return str(found[0].data) if found else None
