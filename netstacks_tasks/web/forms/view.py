"""A form as its template sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.task_spec import TaskType
from netstacks_tasks.store import choices
from netstacks_tasks.store.choices import Choice, ListKind
from netstacks_tasks.store.database import Database
from netstacks_tasks.web.forms.conflicts import Merged
from netstacks_tasks.web.forms.fields import SCRIPT_SOURCE, Field, fields_of
from netstacks_tasks.web.forms.presets import PRESETS
from netstacks_tasks.web.forms.problems import Fault
from netstacks_tasks.web.forms.values import FormValues

TYPES: Final[tuple[tuple[TaskType, str], ...]] = (
    ("backup", "Keep the configurations of devices, every version of them."),
    ("health_check", "Ping, SSH login and SNMP sysName of devices."),
    ("deployment", "Push a stack instance to its devices."),
    ("custom_script", "Run a Python or Bash script."),
    ("agent_task", "Let the NOC agent look and report."),
)
"""In the order in which people need them."""

_LISTS: Final[Mapping[str, ListKind]] = {
    "parameters.credential_id": "credentials",
    "parameters.script_id": "scripts",
    "parameters.stack_instance_id": "stack_instances",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """The task that is edited, and as what it was opened."""

    task_id: TaskId
    name: str
    revision: int
    base: str
    """The document as it was then, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskForm:
    """What stands in it, what can be chosen, what is wrong."""

    task_type: TaskType
    values: FormValues
    choices: Mapping[str, Sequence[Choice]]
    """By the paths of the fields."""
    faults: Sequence[Fault] = ()
    editing: Editing | None = None
    conflict: Merged | None = None
    edited_by: str = ""
    """Who came first, when there is a conflict."""
    copy_of: str = ""
    presets: Sequence[tuple[str, str]] = PRESETS
    types: Sequence[tuple[TaskType, str]] = TYPES

    def field(self, path: str) -> Field:
        """The one with a path; a template that names another is wrong."""
        return next(one for one in fields_of(self.task_type) if one.path == path)

    def value(self, path: str) -> str:
        return self.values.first(path)

    def has(self, path: str, value: str) -> bool:
        """Whether a box is checked."""
        return value in self.values.all(path)

    def error(self, path: str) -> str:
        """What is wrong with a field; empty: nothing."""
        return next(
            (one.message for one in self.faults if one.field and one.field.path == path), ""
        )

    def any_error(self, *paths: str) -> bool:
        """Whether a part that is folded has to be open."""
        return any(self.error(path) for path in paths)

    @property
    def first_fault(self) -> str:
        """The path of the first field that is wrong: where the cursor goes."""
        return next((one.field.path for one in self.faults if one.field), "")

    def options(self, path: str) -> list[tuple[str, str]]:
        """Values and words to choose from; what is chosen is among them even if it is gone."""
        known = [
            *self.field(path).options,
            *((str(one.id), f"{one.name} ({one.note})") for one in self.choices.get(path, ())),
        ]
        chosen = self.value(path)
        if chosen and chosen not in dict(known):
            known.append((chosen, f"{chosen} (gone)"))
        return known

    def kept(self) -> Iterator[tuple[str, str]]:
        """What was typed for other types; it is there again when their type is chosen."""
        shown = {one.path for one in fields_of(self.task_type)}
        if self.task_type == "custom_script":
            shown.add(SCRIPT_SOURCE)
        return (
            (name, value)
            for name, value in self.values.items()
            if name not in shown and (name.startswith("parameters.") or name == SCRIPT_SOURCE)
        )

    @property
    def action(self) -> str:
        """Where it is sent to."""
        return f"/tasks/{self.editing.task_id}/edit" if self.editing else "/tasks/new"


async def choices_for(db: Database, task_type: TaskType) -> dict[str, list[Choice]]:
    """What the form of a type offers."""
    paths = {one.path for one in fields_of(task_type)}
    return {path: await choices.every(db, kind) for path, kind in _LISTS.items() if path in paths}


def names_by_id(offered: Mapping[str, Sequence[Choice]]) -> dict[str, str]:
    """The names of what is offered."""
    return {str(one.id): one.name for many in offered.values() for one in many}
