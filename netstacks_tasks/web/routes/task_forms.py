"""The form of a task: new, as a copy, edited."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import TaskType
from netstacks_tasks.store import tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.tasks import RevisionConflict
from netstacks_tasks.web.forms import editing
from netstacks_tasks.web.forms.problems import faults_of
from netstacks_tasks.web.forms.saving import spec_of
from netstacks_tasks.web.forms.switching import switched
from netstacks_tasks.web.forms.values import FormValues, first_values, task_type_of
from netstacks_tasks.web.forms.view import TYPES, Editing, TaskForm, choices_for
from netstacks_tasks.web.rendering import is_part, page
from netstacks_tasks.web.sessions import Operator

router = APIRouter()

_COPY: Final = " (copy)"
_LONGEST_NAME: Final = 200


@router.get("/tasks/new")
async def new(
    request: Request,
    _: Operator,
    type: str = "",  # noqa: A002 - as the address shows it
    source: Annotated[UUID | None, Query(alias="from")] = None,
) -> Response:
    """Choose a type, then fill in its form; or begin with a copy of another task."""
    db = netstacks(request).db
    if source is not None:
        return _show(request, await _copy(db, await tasks.get(db, TaskId(source))))
    task_type = task_type_of(type)
    if task_type is None:
        return page(request, "task_form_types.html", types=TYPES)
    return _show(request, await _form(db, task_type, first_values(task_type)))


@router.post("/tasks/new")
async def create(request: Request, _: Operator) -> Response:
    """Save a new task."""
    db = netstacks(request).db
    values, task_type = await sent(request)
    try:
        task = await tasks.create(db, await spec_of(db, values, task_type))
    except InvalidInput as error:
        return _refused(request, await _form(db, task_type, values), error)
    return _saved(request, task)


@router.post("/tasks/new/type")
async def change_type(request: Request, _: Operator) -> Response:
    """The form of another type, with what was typed already."""
    values, task_type = await sent(request)
    before = task_type_of(values.first("shown_type")) or task_type
    form = await _form(netstacks(request).db, task_type, switched(values, before, task_type))
    response = _show(request, form)
    response.headers["HX-Replace-Url"] = f"/tasks/new?type={task_type}"
    return response


@router.get("/tasks/{task_id}/edit")
async def edit(request: Request, _: Operator, task_id: UUID) -> Response:
    """The form of a task as it is now."""
    db = netstacks(request).db
    return _show(request, await editing.form_of(db, await tasks.get(db, TaskId(task_id))))


@router.post("/tasks/{task_id}/edit")
async def save(request: Request, _: Operator, task_id: UUID) -> Response:
    """Save the task, unless somebody else did meanwhile."""
    db = netstacks(request).db
    values, task_type = await sent(request)
    opened = editing.opened_before(await tasks.get(db, TaskId(task_id)), values)
    try:
        spec = await spec_of(db, values, task_type)
        saved = await tasks.replace(db, opened.task_id, spec, opened.revision)
    except RevisionConflict:
        again = editing.Sent(values=values, task_type=task_type, editing=opened)
        return _show(request, await editing.conflict(db, opened.task_id, again), 422)
    except InvalidInput as error:
        return _refused(request, await _form(db, task_type, values, opened), error)
    return _saved(request, saved)


async def sent(request: Request) -> tuple[FormValues, TaskType]:
    """The form that came, and its type.

    Raises:
        InvalidInput: it names no type of ours.
    """
    values = FormValues.sent((await request.form()).multi_items())
    if (task_type := values.task_type) is None:
        raise InvalidInput.single("task_type", "choose one of the types")
    return values, task_type


async def _form(
    db: Database, task_type: TaskType, values: FormValues, opened: Editing | None = None
) -> TaskForm:
    offered = await choices_for(db, task_type)
    return TaskForm(task_type=task_type, values=values, choices=offered, editing=opened)


async def _copy(db: Database, task: Task) -> TaskForm:
    """A new form with everything of a task but its name."""
    form = await editing.form_of(db, task)
    name = f"{task.name[: _LONGEST_NAME - len(_COPY)]}{_COPY}"
    return replace(
        form, values=form.values.replaced({"name": (name,)}), editing=None, copy_of=task.name
    )


def _refused(request: Request, form: TaskForm, error: InvalidInput) -> Response:
    """The form again, with what is wrong at its fields and all that was typed."""
    return _show(request, replace(form, faults=faults_of(error.problems, form.task_type)), 422)


def _show(request: Request, form: TaskForm, status: int = 200) -> Response:
    template = "task_form_body.html" if is_part(request) else "task_form.html"
    return page(request, template, status=status, form=form)


def _saved(request: Request, task: Task) -> Response:
    where = f"/tasks/{task.id}"
    if is_part(request):
        return Response(status_code=204, headers={"HX-Redirect": where})
    return RedirectResponse(where, status_code=303)
