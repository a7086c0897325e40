"""What Prefect keeps of a run's log."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId, LogFilterTimestamp
from prefect.client.schemas.objects import Log
from prefect.client.schemas.sorting import LogSort
from prefect.exceptions import ObjectNotFound

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.log_line import LogLine
from netstacks_tasks.sync.prefect_errors import translated

_PAGE: Final = 200
"""Prefect gives no more at once."""
_INSTANT: Final = timedelta(microseconds=1)


async def read_logs(
    client: PrefectClient,
    run_id: RunId,
    *,
    after: datetime | None = None,
    limit: int = 200,
    offset: int = 0,
) -> list[LogLine]:
    """Lines of a run's log, the oldest first.

    Args:
        client: of Prefect.
        run_id: which run.
        after: only lines later than this; None: from the beginning.
        limit: how many at most.
        offset: how many of them to leave out first: the next page.

    Raises:
        NotFound: Prefect has no such run.
        SyncError: it does not answer, or refuses.
    """
    wanted = LogFilter(
        flow_run_id=LogFilterFlowRunId(any_=[run_id]),
        timestamp=LogFilterTimestamp(after_=None if after is None else after + _INSTANT),
    )
    found: list[Log] = []
    async with translated("read the log"):
        while len(found) < limit:
            size = min(_PAGE, limit - len(found))
            page = await client.read_logs(
                wanted, limit=size, offset=offset + len(found), sort=LogSort.TIMESTAMP_ASC
            )
            found += page
            if len(page) < size:
                break
        if not found:
            await _check_run(client, run_id)
    return [
        LogLine(at=one.timestamp, level=logging.getLevelName(one.level), message=one.message)
        for one in found
    ]


async def _check_run(client: PrefectClient, run_id: RunId) -> None:
    """No lines: is there such a run at all?"""
    try:
        await client.read_flow_run(run_id)
    except ObjectNotFound:
        raise NotFound("run", run_id) from None
