"""The task table."""

from __future__ import annotations

from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from netstacks_tasks.api import repeated
from netstacks_tasks.api.bodies import JsonBody
from netstacks_tasks.api.callers import Operator, Viewer
from netstacks_tasks.api.described import NOT_MODIFIED, json_body, with_headers
from netstacks_tasks.api.etags import IfMatch, IfNoneMatch, is_current, revision_in
from netstacks_tasks.api.parameters import LARGEST, IdempotencyKey, TaskKey, Text, link
from netstacks_tasks.api.task_answers import TaskDetails, TaskPage, details_of, task_answer
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.documents import read_document
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.runs import RunState
from netstacks_tasks.models.task_spec import TaskType, parse_task
from netstacks_tasks.store import idempotency, tasks
from netstacks_tasks.store.tasks import SortKey, TaskFilter

router: Final = APIRouter(tags=["tasks"])

Sort = Literal[
    "name", "-name", "next_run_at", "-next_run_at", "last_run_at", "-last_run_at",
    "created_at", "-created_at", "updated_at", "-updated_at",
]  # fmt: skip


class TaskQuery(Value):
    """Which tasks, in which order."""

    task_type: TaskType | None = Field(default=None, description="Only tasks of this type.")
    enabled: bool | None = Field(default=None, description="Only those that are on, or off.")
    last_status: RunState | None = Field(
        default=None, description="Only those whose newest run stands like this."
    )
    text: Text | None = Field(default=None, description="Only those with this in their name.")
    sort: Sort = Field(default="name", description="In order of this; `-` in front: backwards.")
    limit: int = Field(default=50, ge=1, le=500, description="How many at most.")
    offset: int = Field(default=0, ge=0, le=LARGEST, description="How many to leave out first.")


@router.get(
    "/tasks", summary="List tasks", operation_id="listTasks", responses={200: with_headers("Link")}
)
async def list_tasks(
    caller: Viewer, request: Request, response: Response, wanted: Annotated[TaskQuery, Query()]
) -> TaskPage:
    """Those that match, a page at a time; `<hidden>` for a script that only operators see."""
    of = netstacks(request)
    only = TaskFilter(
        task_type=wanted.task_type,
        enabled=wanted.enabled,
        last_status=wanted.last_status,
        text=wanted.text,
    )
    total = await tasks.count(of.db, only)
    found = await tasks.find(
        of.db,
        only,
        sort=cast("SortKey", wanted.sort.removeprefix("-")),
        descending=wanted.sort.startswith("-"),
        limit=wanted.limit,
        offset=wanted.offset,
    )
    after, before = wanted.offset + wanted.limit, max(wanted.offset - wanted.limit, 0)
    pages = {
        "next": {"offset": after} if after < total else None,
        "prev": {"offset": before} if wanted.offset else None,
    }
    link(request, response, pages)
    return TaskPage(
        items=tuple(task_answer(task, of, caller) for task in found),
        total=total,
        limit=wanted.limit,
        offset=wanted.offset,
    )


@router.post(
    "/tasks",
    status_code=201,
    summary="Create a task",
    operation_id="createTask",
    responses={201: with_headers("ETag", "Location", "Idempotency-Replayed")},
    openapi_extra=json_body("NewTask"),
)
async def create_task(
    caller: Operator,
    request: Request,
    response: Response,
    body: JsonBody,
    key: IdempotencyKey = None,
) -> TaskDetails:
    """Everything that is wrong with it is told at once, and then nothing is saved."""
    of = netstacks(request)
    spec = parse_task(body)
    if key is None:
        task = await tasks.create(of.db, spec)
    else:
        asked = idempotency.Request.of(caller.actor.name, key, b"POST /tasks", body)
        task = await repeated.create(of, spec, asked, response)
    response.headers["Location"] = request.url_for("get_task", task=str(task.id)).path
    return await details_of(of, task, caller, response)


@router.get(
    "/tasks/{task}",
    summary="Read a task",
    operation_id="getTask",
    responses={200: with_headers("ETag"), 304: NOT_MODIFIED},
)
async def get_task(
    caller: Viewer, request: Request, response: Response, task: TaskKey, have: IfNoneMatch = None
) -> TaskDetails:
    """With what is known of it, and advice; `<hidden>` for a script that only operators see."""
    of = netstacks(request)
    shown = await details_of(of, await of.task(task), caller, response)
    if is_current(have, response.headers["ETag"]):
        return cast("TaskDetails", Response(status_code=304, headers=dict(response.headers)))
    return shown


@router.patch(
    "/tasks/{task}",
    summary="Change a task",
    operation_id="updateTask",
    responses={200: with_headers("ETag")},
    openapi_extra=json_body("TaskChanges"),
)
async def update_task(
    caller: Operator,
    request: Request,
    response: Response,
    task: TaskKey,
    body: JsonBody,
    seen: IfMatch = None,
) -> TaskDetails:
    """New values for some fields: all of them are taken, or none.

    `{"enabled": false}` pauses a task. `parameters` replaces all parameters,
    `parameters.destination` (any field of them, behind the dot) a single one.
    """
    of = netstacks(request)
    changed = await of.update(task, read_document(body), revision=revision_in(seen))
    return await details_of(of, changed, caller, response)


@router.delete("/tasks/{task}", status_code=204, summary="Delete a task", operation_id="deleteTask")
async def delete_task(_: Operator, request: Request, task: TaskKey, seen: IfMatch = None) -> None:
    """Its history stays."""
    await netstacks(request).delete(task, revision=revision_in(seen))
