"""The page of one task: what it does, when, and what became of its runs."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.schedule_preview import preview
from netstacks_tasks.models.task import Task
from netstacks_tasks.store import run_list, runs
from netstacks_tasks.store.runs import HistoryKey
from netstacks_tasks.web import live, prefect_links
from netstacks_tasks.web.live import Part, Place
from netstacks_tasks.web.rendering import page
from netstacks_tasks.web.sessions import Viewer
from netstacks_tasks.web.task_facts import facts_of

router = APIRouter()

OPEN_STATES: Final = frozenset({"scheduled", "pending", "running", "retrying"})
_RUNS: Final = 25
_OPEN_EVERY: Final = 3
_IDLE_EVERY: Final = 15
_SCHEDULE_EVERY: Final = 30


@router.get("/tasks/{task_id:uuid}")
async def show_task(request: Request, task_id: UUID, session: Viewer) -> Response:
    """Everything about it."""
    own = netstacks(request)
    task = await own.task(TaskId(task_id))
    facts = await facts_of(own.db, task, scripts=session.principal.may("operator"))
    return page(
        request,
        "task_page.html",
        task=task,
        facts=facts,
        guidance=task.spec.guidance(facts.devices),
        schedule=_schedule(request, task),
        runs=await _runs(request, task),
        prefect=await prefect_links.of_task(own, task),
        asked=request.query_params.get("asked", ""),
    )


@router.get("/tasks/{task_id:uuid}/schedule")
async def show_schedule(request: Request, task_id: UUID, _: Viewer) -> Response:
    """Its next times, and whether it is on."""
    task = await netstacks(request).task(TaskId(task_id))
    return live.answer(request, _schedule(request, task))


@router.get("/tasks/{task_id:uuid}/runs")
async def show_runs(request: Request, task_id: UUID, _: Viewer) -> Response:
    """Its newest runs."""
    task = await netstacks(request).task(TaskId(task_id))
    return live.answer(request, await _runs(request, task))


def _schedule(request: Request, task: Task) -> Part:
    url = f"/tasks/{task.id}/schedule"
    place = Place(id="task-schedule", url=url, every=_SCHEDULE_EVERY)
    plan = preview(task.spec.cron_expression, task.spec.timezone)
    return live.part(request, "task_schedule.html", place, task=task, plan=plan)


async def _runs(request: Request, task: Task) -> Part:
    db = netstacks(request).db
    before = None
    asked = request.query_params.get("before", "")
    if asked:
        before = HistoryKey.of(await runs.get(db, _run_id(asked)))
    found = await run_list.runs_of_task(db, task.id, _RUNS + 1, before)
    shown, more = found[:_RUNS], len(found) > _RUNS
    is_open = any(run.state in OPEN_STATES for run in shown)
    every = None if before else (_OPEN_EVERY if is_open else _IDLE_EVERY)
    return live.part(
        request,
        "task_runs.html",
        Place(id="task-runs", url=f"/tasks/{task.id}/runs", every=every),
        task=task,
        runs=shown,
        older=shown[-1].id if more else None,
        first=before is None,
        is_open=is_open and before is None,
    )


def _run_id(text: str) -> RunId:
    try:
        return RunId(UUID(text))
    except ValueError:
        # No run has it: the answer for one that is not there fits.
        return RunId(UUID(int=0))
