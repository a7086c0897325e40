"""The list of tasks."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.web.rendering import page
from netstacks_tasks.web.sessions import Viewer

router = APIRouter()


@router.get("/tasks")
async def task_list(request: Request, _: Viewer) -> Response:
    """All tasks, by name."""
    return page(request, "task_list.html", tasks=await netstacks(request).tasks())
