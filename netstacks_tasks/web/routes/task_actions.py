"""What people do to a task, and to a run of it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store import audit, runs, tasks
from netstacks_tasks.store.audit import Deed
from netstacks_tasks.web.rendering import is_part, page
from netstacks_tasks.web.sessions import Operator

router = APIRouter()

_SEE_OTHER = 303


@router.post("/tasks/{task_id:uuid}/enabled")
async def set_enabled(request: Request, task_id: UUID, _: Operator) -> Response:
    """Switch a task on or off; one that cannot be switched on stays off, and why is told."""
    db = netstacks(request).db
    wanted = "enabled" in await request.form()
    try:
        task, problem = await tasks.set_enabled(db, TaskId(task_id), wanted), ""
    except InvalidInput as error:
        if not is_part(request):
            raise
        task, problem = await tasks.get(db, TaskId(task_id)), str(error)
    if is_part(request):
        return page(request, "switch.html", task=task, problem=problem)
    return _to(f"/tasks/{task_id}")


@router.post("/tasks/{task_id:uuid}/run")
async def run_now(request: Request, task_id: UUID, _: Operator) -> Response:
    """Start a run, and show it."""
    own = netstacks(request)
    task = await own.task(TaskId(task_id))
    run_id = await own.run_now(task.id)
    # The sync learns of it within seconds; its page is there at once.
    await runs.upsert_run(
        own.db, run_id, task.id, trigger="manual", scheduled_for=datetime.now(UTC)
    )
    await _record(request, "run", task_id, task.name, run_id)
    return _to(f"/runs/{run_id}")


@router.post("/tasks/{task_id:uuid}/cancel")
async def cancel_task(request: Request, task_id: UUID, _: Operator) -> Response:
    """End what is under way."""
    own = netstacks(request)
    task = await own.task(TaskId(task_id))
    for run_id in await own.cancel_task(task.id):
        await _record(request, "cancelled", task_id, task.name, run_id)
    return _to(f"/tasks/{task_id}?asked=cancel")


@router.post("/tasks/{task_id:uuid}/delete")
async def delete(request: Request, task_id: UUID, _: Operator) -> Response:
    """Remove the task as the page showed it; its history stays."""
    revision = str((await request.form()).get("revision", ""))
    if not (revision.isascii() and revision.isdigit() and len(revision) < 19):
        raise InvalidInput.single("revision", "is missing: load the task's page again")
    await tasks.delete(netstacks(request).db, TaskId(task_id), int(revision))
    return _to("/tasks")


@router.post("/runs/{run_id:uuid}/cancel")
async def cancel_run(request: Request, run_id: UUID, _: Operator) -> Response:
    """End one run; one that has ended meanwhile is no problem."""
    own = netstacks(request)
    run = await runs.get(own.db, RunId(run_id))
    try:
        await own.cancel(run.id)
    except InvalidInput:
        return _to(f"/runs/{run_id}")
    await _record(request, "cancelled", run.task_id, run.task_name, run.id)
    return _to(f"/runs/{run_id}?asked=cancel")


async def _record(
    request: Request, action: str, task_id: UUID | None, name: str, run_id: UUID
) -> None:
    deed = Deed(
        action=action,
        kind="task",
        object_id=task_id,
        object_name=name,
        details={"run": str(run_id)},
    )
    await audit.record(netstacks(request).db, deed)


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=_SEE_OTHER)
