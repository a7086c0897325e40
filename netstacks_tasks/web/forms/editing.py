"""Forms of a task that there is, and what becomes of two people's edits."""

from __future__ import annotations

from dataclasses import dataclass

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import TaskType, parse_task
from netstacks_tasks.store import audit, tasks
from netstacks_tasks.store.audit import AuditSearch
from netstacks_tasks.store.database import Database
from netstacks_tasks.web.forms.conflicts import Merged, merged
from netstacks_tasks.web.forms.names import name_of_target
from netstacks_tasks.web.forms.values import FormValues, values_of
from netstacks_tasks.web.forms.view import Editing, TaskForm, choices_for, names_by_id
from netstacks_tasks.web.wording import ago

_LONGEST_NUMBER = 18


def opened(task: Task) -> Editing:
    """The task as it is now, for a form that is opened now."""
    return Editing(
        task_id=task.id,
        name=task.name,
        revision=task.revision,
        base=task.spec.model_dump_json(),
    )


def opened_before(task: Task, sent: FormValues) -> Editing:
    """The task as it was when the form was opened, as the form itself says."""
    revision = sent.first("revision")
    number = revision.isascii() and revision.isdigit() and len(revision) <= _LONGEST_NUMBER
    return Editing(
        task_id=task.id,
        name=task.name,
        revision=int(revision) if number else 0,
        base=sent.first("base"),
    )


async def values_of_task(db: Database, task: Task) -> FormValues:
    """What stands in the form of a task, with names for ids."""
    document = task.spec.model_dump(mode="json")
    return values_of(document, await name_of_target(db, document["parameters"]))


async def form_of(db: Database, task: Task) -> TaskForm:
    """The form of a task as it is now."""
    return TaskForm(
        task_type=task.spec.task_type,
        values=await values_of_task(db, task),
        choices=await choices_for(db, task.spec.task_type),
        editing=opened(task),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form that came back."""

    values: FormValues
    task_type: TaskType
    editing: Editing


async def conflict(db: Database, task_id: TaskId, sent: Sent) -> TaskForm:
    """The form again, with what somebody else changed since it was opened.

    Saving it then saves over theirs.
    """
    current = await tasks.get(db, task_id)
    offered = await choices_for(db, sent.task_type)
    if current.spec.task_type == sent.task_type:
        found = merged(
            await _base(db, current, sent),
            await values_of_task(db, current),
            sent.values,
            sent.task_type,
            names_by_id(offered),
        )
    else:
        found = Merged(values=sent.values, differences=())
    return TaskForm(
        task_type=sent.task_type,
        values=found.values,
        choices=offered,
        editing=opened(current),
        conflict=found,
        edited_by=await _last_editor(db, task_id),
    )


async def _base(db: Database, current: Task, sent: Sent) -> FormValues:
    try:
        spec = parse_task(sent.editing.base)
    except InvalidInput:
        return await values_of_task(db, current)
    return await values_of_task(db, current.model_copy(update={"spec": spec}))


async def _last_editor(db: Database, task_id: TaskId) -> str:
    """`anna, 5 min ago`."""
    for entry in await audit.find(db, AuditSearch(object_id=task_id, kind="task", limit=1)):
        return f"{entry.actor.removeprefix('user:')}, {ago(entry.at)}"
    return ""
