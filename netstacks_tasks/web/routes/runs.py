"""The page of one run: how it went, on which device, and what it said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from netstacks_tasks.errors import NetstacksError, NotFound
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.runs import TaskRun
from netstacks_tasks.store import runs
from netstacks_tasks.web import live, prefect_links, run_log, run_results
from netstacks_tasks.web.live import Part, Place
from netstacks_tasks.web.page_numbers import page_number
from netstacks_tasks.web.rendering import is_part, page
from netstacks_tasks.web.report_html import report_html
from netstacks_tasks.web.run_log import Cursor
from netstacks_tasks.web.sessions import Viewer

router = APIRouter()

_EVERY: Final = 2
_PATIENCE: Final = timedelta(minutes=1)


@router.get("/runs/{run_id:uuid}")
async def show_run(request: Request, run_id: UUID, _: Viewer) -> Response:
    """Everything about it; its log and its report follow, for Prefect has them."""
    own = netstacks(request)
    run = await runs.get(own.db, RunId(run_id))
    zone = await _zone(request, run)
    began = run.state != "missed"
    return page(
        request,
        "run_page.html",
        run=run,
        zone=zone,
        state=await _state(request, run, zone),
        prefect=await prefect_links.of_run(own, run.id) if began else None,
        asked=request.query_params.get("asked", ""),
    )


@router.get("/runs/{run_id:uuid}/state")
async def show_state(request: Request, run_id: UUID, _: Viewer) -> Response:
    """How it stands now; the end of it is told to the other parts of the page."""
    run = await runs.get(netstacks(request).db, RunId(run_id))
    answer = live.answer(request, await _state(request, run, await _zone(request, run)))
    if run.ended_at is not None:
        answer.headers["HX-Trigger-After-Swap"] = "run-ended"
    return answer


@router.get("/runs/{run_id:uuid}/log")
async def show_log(
    request: Request, run_id: UUID, _: Viewer, after: str = "", skip: str = ""
) -> Response:
    """Lines of its log; htmx gets them alone, to be added to those that are there."""
    own = netstacks(request)
    run = await runs.get(own.db, RunId(run_id))
    piece = await run_log.read(own, run, Cursor.of(after, skip))
    template = "log_lines.html" if is_part(request) else "run_log.html"
    return page(request, template, run=run, piece=piece, zone=await _zone(request, run))


@router.get("/runs/{run_id:uuid}/log.txt")
async def download_log(request: Request, run_id: UUID, _: Viewer) -> Response:
    """The whole log as a file."""
    own = netstacks(request)
    run = await runs.get(own.db, RunId(run_id))
    lines = run_log.as_text(own, run)
    # The first piece before the answer begins: whatever is wrong can still be told.
    first = await anext(lines)

    async def text() -> AsyncIterator[str]:
        yield first
        async for some in lines:
            yield some

    name = f"run-{run.scheduled_for.astimezone(UTC):%Y%m%d-%H%M}-{run.id}.log"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(text(), media_type="text/plain; charset=utf-8", headers=headers)


@router.get("/runs/{run_id:uuid}/report")
async def show_report(request: Request, run_id: UUID, _: Viewer) -> Response:
    """What its flow reported: a part of the page, or a page of its own."""
    own = netstacks(request)
    run = await runs.get(own.db, RunId(run_id))
    trouble, text = "", None
    try:
        text = await own.report(run.id)
    except NetstacksError as error:
        trouble = str(error)
    return page(
        request,
        "report_part.html" if is_part(request) else "report_page.html",
        run=run,
        report=None if text is None else await asyncio.to_thread(report_html, text),
        trouble=trouble,
    )


async def _state(request: Request, run: TaskRun, zone: str) -> Part:
    db = netstacks(request).db
    show, number = request.query_params.get("show", ""), request.query_params.get("page", "")
    chosen = run_results.shown(await runs.results(db, run.id), show, page_number(number))
    attempts = await runs.attempts(db, run.id)
    is_open = run.ended_at is None and run.state != "missed"
    waiting = run.state in {"scheduled", "pending"}
    place = Place(
        id="run-state",
        url=f"/runs/{run.id}/state?show={chosen.show}&page={chosen.page}",
        every=_EVERY if is_open else None,
    )
    timed_out = run.state == "failed" and attempts and attempts[-1].outcome == "timed_out"
    return live.part(
        request,
        "run_state.html",
        place,
        run=run,
        zone=zone,
        attempts=attempts,
        found=chosen,
        verdict=run_results.verdict,
        shown_state="timed_out" if timed_out else run.state,
        is_open=is_open,
        stuck=waiting and datetime.now(UTC) - run.scheduled_for > _PATIENCE,
        agent=run.summary.get("agent"),
    )


async def _zone(request: Request, run: TaskRun) -> str:
    """The task's; UTC when the task is gone."""
    if run.task_id is None:
        return "UTC"
    try:
        return (await netstacks(request).task(run.task_id)).spec.timezone
    except NotFound:
        return "UTC"
