"""What is wrong with a form, at its fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from netstacks_tasks.errors import Problem
from netstacks_tasks.models.task_spec import TaskType
from netstacks_tasks.web.forms.fields import Field, fields_of

_FOR_JSON = ", written without quotes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One line of the summary; `field` is None when it belongs to no single field."""

    field: Field | None
    message: str


def faults_of(problems: Iterable[Problem], task_type: TaskType) -> list[Fault]:
    """The problems in the order of the form's fields."""
    fields = fields_of(task_type)
    places = {field.path: position for position, field in enumerate(fields)}
    found = []
    for problem in problems:
        path = problem.field
        while path not in places and "." in path:
            # An entry of a list: the list's field is where it can be mended.
            path = path.rpartition(".")[0]
        place = places.get(path)
        field = None if place is None else fields[place]
        message = problem.message if field else str(problem)
        found.append((-1 if place is None else place, field, message.replace(_FOR_JSON, "")))
    found.sort(key=lambda one: one[0])
    return [Fault(field=field, message=message) for _, field, message in found]
