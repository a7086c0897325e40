"""What can be done with a task, and what it did."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from netstacks_tasks.api import repeated
from netstacks_tasks.api.callers import Operator, Viewer
from netstacks_tasks.api.described import PREFECT, with_headers
from netstacks_tasks.api.parameters import IdempotencyKey, TaskKey
from netstacks_tasks.api.run_answers import CancelledRuns, RunPage, StartedRun
from netstacks_tasks.api.run_pages import RunPlace, run_page
from netstacks_tasks.api.task_answers import Guidance, TaskDetails, details_of
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.schedule_preview import SchedulePreview, preview
from netstacks_tasks.store import audit, idempotency, runs
from netstacks_tasks.store.audit import Deed

router: Final = APIRouter(tags=["tasks"])

Count = Annotated[int, Query(ge=1, le=50, description="How many times.")]


@router.post(
    "/tasks/{task}/enable",
    summary="Switch a task on",
    operation_id="enableTask",
    responses={200: with_headers("ETag")},
)
async def enable_task(
    caller: Operator, request: Request, response: Response, task: TaskKey
) -> TaskDetails:
    """Its schedule runs it from now on."""
    of = netstacks(request)
    return await details_of(of, await of.enable(task), caller, response)


@router.post(
    "/tasks/{task}/disable",
    summary="Switch a task off",
    operation_id="disableTask",
    responses={200: with_headers("ETag")},
)
async def disable_task(
    caller: Operator, request: Request, response: Response, task: TaskKey
) -> TaskDetails:
    """Its schedule skips it; it keeps its configuration and history, and can be run by hand."""
    of = netstacks(request)
    return await details_of(of, await of.disable(task), caller, response)


@router.post(
    "/tasks/{task}/runs",
    status_code=202,
    summary="Run a task now",
    operation_id="runTask",
    responses={202: with_headers("Location", "Idempotency-Replayed"), **PREFECT},
)
async def run_task(
    caller: Operator,
    request: Request,
    response: Response,
    task: TaskKey,
    key: IdempotencyKey = None,
) -> StartedRun:
    """It is queued, and begins as soon as no other run of the task is under way."""
    of = netstacks(request)
    found = await of.task(task)
    if key is None:
        run_id = await of.run_now(found.id)
    else:
        asked = idempotency.Request.of(caller.actor.name, key, b"run", found.id.bytes)
        run_id = await repeated.run(of, found, asked, response)
    if "Idempotency-Replayed" not in response.headers:
        details = {"run_id": str(run_id)}
        deed = Deed(
            action="run", kind="task", object_id=found.id, object_name=found.name, details=details
        )
        await audit.record(of.db, deed)
    response.headers["Location"] = request.url_for("get_run", run_id=str(run_id)).path
    return StartedRun(run_id=run_id, url=of.flow_run_url(run_id))


@router.post(
    "/tasks/{task}/cancel",
    status_code=202,
    summary="Cancel the runs of a task",
    operation_id="cancelTask",
    responses=PREFECT,
)
async def cancel_task(_: Operator, request: Request, task: TaskKey) -> CancelledRuns:
    """Every one that waits or works; its schedule goes on."""
    of = netstacks(request)
    found = await of.task(task)
    cancelled = await of.cancel_task(found.id)
    if cancelled:
        details = {"run_ids": [str(one) for one in cancelled]}
        deed = Deed(
            action="cancelled",
            kind="task",
            object_id=found.id,
            object_name=found.name,
            details=details,
        )
        await audit.record(of.db, deed)
    return CancelledRuns(run_ids=tuple(cancelled))


@router.get(
    "/tasks/{task}/preview", summary="Preview a task's next times", operation_id="previewTask"
)
async def preview_task(
    _: Viewer, request: Request, task: TaskKey, count: Count = 5
) -> SchedulePreview:
    """Also of a task that is off: when it would run."""
    spec = (await netstacks(request).task(task)).spec
    return await asyncio.to_thread(preview, spec.cron_expression, spec.timezone, count)


@router.get("/tasks/{task}/guidance", summary="Advice on a task", operation_id="getTaskGuidance")
async def get_guidance(_: Viewer, request: Request, task: TaskKey) -> Guidance:
    """What is allowed and not advised, as the inventory is now."""
    of = netstacks(request)
    return Guidance(guidance=await of.guidance(await of.task(task)))


@router.get(
    "/tasks/{task}/runs",
    summary="List the runs of a task",
    operation_id="listTaskRuns",
    responses={200: with_headers("Link")},
)
async def list_task_runs(
    _: Viewer,
    request: Request,
    response: Response,
    task: TaskKey,
    place: Annotated[RunPlace, Query()],
) -> RunPage:
    """The latest first, missed times among them."""
    of = netstacks(request)
    found = await of.task(task)
    rows = await runs.history(of.db, found.id, place.limit + 1, await place.key(of))
    return run_page(request, response, place, rows)
