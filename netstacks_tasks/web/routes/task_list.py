"""The list of tasks, with what went wrong of late on top."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.task_spec import TASK_TYPES
from netstacks_tasks.store import run_list, task_list
from netstacks_tasks.web import live
from netstacks_tasks.web.live import Part, Place
from netstacks_tasks.web.rendering import is_part, page
from netstacks_tasks.web.sessions import Viewer
from netstacks_tasks.web.task_listing import PAGE, STATUSES, Listing

router = APIRouter()

_LOOK_BACK: Final = timedelta(hours=24)
_SHOWN_FAILURES: Final = 8
_LIST_EVERY: Final = 20
_OVERVIEW_EVERY: Final = 30


@router.get("/tasks", name="task_list")
async def show_list(request: Request, _: Viewer) -> Response:
    """The tasks that match; htmx gets the table alone."""
    wanted = Listing.of(request.query_params)
    table = await _table(request, wanted)
    if is_part(request):
        answer = live.answer(request, table)
        if not live.is_poll(request):
            answer.headers["HX-Push-Url"] = wanted.url()
        return answer
    return page(
        request,
        "task_list.html",
        wanted=wanted,
        overview=await _overview(request),
        table=table,
        types=TASK_TYPES,
        statuses=STATUSES,
    )


@router.get("/tasks/overview")
async def show_overview(request: Request, _: Viewer) -> Response:
    """The news of the last day."""
    return live.answer(request, await _overview(request))


async def _table(request: Request, wanted: Listing) -> Part:
    rows, found = await task_list.listed(
        netstacks(request).db,
        wanted.search,
        order=wanted.order,
        descending=wanted.descending,
        limit=PAGE,
        offset=wanted.offset,
    )
    place = Place(id="task-list", url=wanted.url(), every=_LIST_EVERY)
    return live.part(
        request,
        "task_table.html",
        place,
        wanted=wanted,
        rows=rows,
        found=found,
        pages=-(-found // PAGE),
    )


async def _overview(request: Request) -> Part:
    db = netstacks(request).db
    failures, found = await run_list.failures(db, datetime.now(UTC) - _LOOK_BACK, _SHOWN_FAILURES)
    place = Place(id="overview", url="/tasks/overview", every=_OVERVIEW_EVERY)
    return live.part(
        request,
        "overview.html",
        place,
        counts=await task_list.counts(db),
        failures=failures,
        found=found,
    )
