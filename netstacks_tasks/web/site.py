"""Every route of the page."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from netstacks_tasks.web.assets import FOLDER, PATH, Assets
from netstacks_tasks.web.routes import (
    account,
    audit_log,
    runs,
    signing_in,
    snapshot_diffs,
    snapshots,
    task_actions,
    task_form_parts,
    task_forms,
    task_list,
    task_pages,
    timeline,
)
from netstacks_tasks.web.sessions import Viewer

_home = APIRouter()


@_home.get("/")
async def home(request: Request, _: Viewer) -> Response:
    """Automation > Scheduled Tasks."""
    return RedirectResponse(request.url_for("task_list").path, status_code=303)


def add_site(app: FastAPI) -> None:
    """Put the page into an application; it is no part of the API's description."""
    app.mount(PATH, Assets(directory=FOLDER), name="static")
    for router in (
        _home,
        signing_in.router,
        account.router,
        audit_log.router,
        # `/tasks/new` before `/tasks/{id}`
        task_forms.router,
        task_form_parts.router,
        task_list.router,
        task_actions.router,
        task_pages.router,
        runs.router,
        timeline.router,
        # `/snapshots/diff` before `/snapshots/{id}`
        snapshot_diffs.router,
        snapshots.router,
    ):
        app.include_router(router, include_in_schema=False)
