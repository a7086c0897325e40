"""Saves the tasks that files describe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.importing.entries import WORDS, Entry, Section
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import TaskSpec, parse_task
from netstacks_tasks.store import tasks
from netstacks_tasks.store.database import Connection

_REFERENCES: Final[Mapping[str, Section]] = {
    "credential_id": "credentials",
    "script_id": "scripts",
    "stack_instance_id": "stack_instances",
}


class TaskImport:
    """Checks entries, then saves them; what is wrong collects in `problems`."""

    def __init__(self, known: list[Task], registry: Registry) -> None:
        self.problems: list[Problem] = []
        self._by_id = {task.id: task for task in known}
        self._by_name = {task.spec.name: task for task in known}
        self._registry = registry
        self._wanted: list[tuple[Entry, Task | None, TaskSpec]] = []

    def check(self, entry: Entry) -> None:
        """Make sense of an entry, for `save`."""
        document, problems = resolved(entry, self._registry)
        if problems:
            self.problems += problems
            return
        known = self._known(entry)
        try:
            if known is None:
                spec = parse_task(document)
            else:
                spec = known.spec.updated({k: v for k, v in document.items() if k != "id"})
        except InvalidInput as error:
            self._place(entry, error)
        else:
            self._wanted.append((entry, known, spec))

    async def save(self, connection: Connection) -> dict[str, list[str]]:
        """Write what was checked.

        Returns:
            names by what happened: `created`, `updated`, `unchanged`.
        """
        done: dict[str, list[str]] = {"created": [], "updated": [], "unchanged": []}
        for entry, known, spec in self._wanted:
            try:
                done[await _save(connection, known, spec)].append(spec.name)
            except InvalidInput as error:
                self._place(entry, error)
        return done

    def _known(self, entry: Entry) -> Task | None:
        if entry.id is not None:
            return self._by_id.get(TaskId(entry.id))
        return self._by_name.get(entry.name)

    def _place(self, entry: Entry, error: InvalidInput) -> None:
        self.problems += [entry.problem(p.field, p.message) for p in error.problems]


def resolved(entry: Entry, registry: Registry) -> tuple[dict[str, Any], list[Problem]]:
    """The document with ids where its parameters have names, and the names there are not."""
    document: dict[str, Any] = entry.node.plain()
    parameters = document.get("parameters")
    if not isinstance(parameters, dict):
        return document, []
    problems = []
    references = dict(_REFERENCES)
    kind = parameters.get("target_type")
    if kind in {"device", "device_group"}:
        references["target_id"] = "devices" if kind == "device" else "device_groups"
    for field, section in references.items():
        value = parameters.get(field)
        if not isinstance(value, str):
            continue
        found = registry.find(section, value)
        if found is None:
            message = f"there is no {WORDS[section]} {value[:200]!r} in the files or the inventory"
            problems.append(entry.problem(f"parameters.{field}", message))
        else:
            parameters[field] = str(found)
    return document, problems


async def _save(connection: Connection, known: Task | None, spec: TaskSpec) -> str:
    if known is None:
        await tasks.insert(connection, spec)
        return "created"
    locked = await tasks.read(connection, known.id, lock=True)
    edited = await tasks.edit(connection, locked, spec)
    return "unchanged" if edited.revision == locked.revision else "updated"
