"""The history."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from netstacks_tasks.api.callers import Operator, Viewer
from netstacks_tasks.api.described import ENDED, PREFECT, with_headers
from netstacks_tasks.api.parameters import LARGEST, Moment, RunKey, Text, link
from netstacks_tasks.api.run_answers import (
    CancelledRuns,
    LogPage,
    RunDetailsAnswer,
    RunPage,
    run_details,
)
from netstacks_tasks.api.run_pages import RunPlace, run_page
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.runs import RunState
from netstacks_tasks.models.task_spec import TaskType
from netstacks_tasks.store import audit, runs
from netstacks_tasks.store.audit import Deed
from netstacks_tasks.store.run_search import RunSearch, recent_runs

router: Final = APIRouter(tags=["runs"])


class RunQuery(RunPlace):
    """Which runs, a page of them."""

    task: Text | None = Field(default=None, description="Only of tasks with this in their name.")
    task_type: TaskType | None = Field(default=None, description="Only of tasks of this type.")
    state: tuple[RunState, ...] = Field(
        default=(), max_length=9, description="Only in this state; may be given several times."
    )
    since: Moment | None = Field(default=None, description="Only those due then or later.")


class LogQuery(Value):
    """Which lines."""

    after: Moment | None = Field(
        default=None, description="Only lines later than this: `at` of the last one you have."
    )
    limit: int = Field(default=200, ge=1, le=1000, description="How many at most.")
    offset: int = Field(default=0, ge=0, le=LARGEST, description="How many to leave out first.")


@router.get(
    "/runs", summary="List runs", operation_id="listRuns", responses={200: with_headers("Link")}
)
async def list_runs(
    _: Viewer, request: Request, response: Response, wanted: Annotated[RunQuery, Query()]
) -> RunPage:
    """Of all tasks, deleted ones too, the latest first; missed times among them."""
    of = netstacks(request)
    search = RunSearch(
        task=wanted.task,
        task_type=wanted.task_type,
        states=wanted.state or None,
        since=wanted.since,
        before=await wanted.key(of),
        limit=wanted.limit + 1,
    )
    return run_page(request, response, wanted, await recent_runs(of.db, search))


@router.get("/runs/{run_id}", summary="Read a run", operation_id="getRun")
async def get_run(_: Viewer, request: Request, run_id: RunKey) -> RunDetailsAnswer:
    """With its attempts, and what was found on each device."""
    of = netstacks(request)
    return run_details(await of.run(RunId(run_id)), of)


@router.get(
    "/runs/{run_id}/logs",
    summary="Read the log of a run",
    operation_id="getRunLogs",
    responses={200: with_headers("Link"), **PREFECT},
)
async def get_run_logs(
    _: Viewer,
    request: Request,
    response: Response,
    run_id: RunKey,
    wanted: Annotated[LogQuery, Query()],
) -> LogPage:
    """As Prefect keeps it. To follow a run, ask for the lines `after` the last one."""
    lines = await netstacks(request).logs(
        RunId(run_id), after=wanted.after, limit=wanted.limit, offset=wanted.offset
    )
    more = {"offset": wanted.offset + wanted.limit} if len(lines) == wanted.limit else None
    link(request, response, {"next": more})
    return LogPage(items=tuple(lines), limit=wanted.limit, offset=wanted.offset)


@router.post(
    "/runs/{run_id}/cancel",
    status_code=202,
    summary="Cancel a run",
    operation_id="cancelRun",
    responses={**ENDED, **PREFECT},
)
async def cancel_run(_: Operator, request: Request, run_id: RunKey) -> CancelledRuns:
    """At once when nothing works on it, else within seconds."""
    of = netstacks(request)
    key = RunId(run_id)
    await of.cancel(key)
    kept = await runs.find(of.db, key)
    name = "" if kept is None else kept.task_name
    await audit.record(of.db, Deed(action="cancelled", kind="run", object_id=key, object_name=name))
    return CancelledRuns(run_ids=(key,))
