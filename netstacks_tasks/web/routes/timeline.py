"""What will run when in the next 24 hours."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.due_minutes import QUARTER
from netstacks_tasks.models.schedule import timezones
from netstacks_tasks.store.planned_tasks import planned_tasks
from netstacks_tasks.web import day_chart
from netstacks_tasks.web.day_plan import day_plan
from netstacks_tasks.web.rendering import page
from netstacks_tasks.web.sessions import Viewer

router = APIRouter()


@router.get("/timeline")
async def timeline(request: Request, _: Viewer, zone: str = "UTC") -> Response:
    """The day as the clock of a zone shows it; a zone that does not exist is UTC."""
    chosen = zone if zone in timezones() else "UTC"
    planned = await planned_tasks(netstacks(request).db)
    # Elsewhere: everybody else's requests must not wait for it.
    plan = await asyncio.to_thread(day_plan, planned, datetime.now(UTC))
    return page(
        request,
        "timeline.html",
        plan=plan,
        zone=chosen,
        used=sorted({tasks.timezone for tasks in planned} - {"UTC"}),
        all_zones=sorted(timezones() - {"UTC"}),
        ticks=list(day_chart.ticks(plan.start, chosen)),
        columns=list(day_chart.columns(plan.start, plan.quarters)),
        marks=day_chart.marks,
        height=day_chart.HEIGHT,
        quarter=day_chart.share(QUARTER),
        local=ZoneInfo(chosen),
    )
