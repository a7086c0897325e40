"""Tasks that files declare: checked, then saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from netstacks_tasks.errors import EditedMeanwhile, InvalidInput, Problem
from netstacks_tasks.importing.entries import Entry
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.importing.task_entries import resolved
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import TaskSpec, parse_task
from netstacks_tasks.store import tasks
from netstacks_tasks.store.database import Connection


@dataclass(frozen=True, slots=True)
class DeclaredTask:
    """A task as it is to be, and as it is."""

    entry: Entry
    known: Task | None
    spec: TaskSpec

    @property
    def changed(self) -> bool:
        return self.known is None or self.spec != self.known.spec

    async def save(self, connection: Connection) -> TaskId:
        """Write it; raises `InvalidInput` with its place in the file."""
        try:
            if self.known is None:
                return (await tasks.insert(connection, self.spec)).id
            locked = await locked_task(connection, self.known)
            return (await tasks.edit(connection, locked, self.spec)).id
        except EditedMeanwhile:
            raise
        except InvalidInput as error:
            raise InvalidInput(_placed(self.entry, error)) from error


async def locked_task(connection: Connection, known: Task) -> Task:
    """The task, which nobody else edits now.

    Raises:
        EditedMeanwhile: it is not what it was.
        NotFound: it is gone.
    """
    locked = await tasks.read(connection, known.id, lock=True)
    if locked.revision != known.revision:
        raise EditedMeanwhile.of("task", known.name)
    return locked


def declared_tasks(
    entries: Iterable[Entry], every: Iterable[Task], registry: Registry
) -> tuple[list[DeclaredTask], list[Problem]]:
    """The tasks of the entries, each with the one of its id or name, and what is wrong."""
    by_id = {task.id: task for task in every}
    by_name = {task.name: task for task in by_id.values()}
    found: list[DeclaredTask] = []
    problems: list[Problem] = []
    for entry in entries:
        document, faults = resolved(entry, registry)
        problems += faults
        known = by_name.get(entry.name) if entry.id is None else by_id.get(TaskId(entry.id))
        try:
            spec = parse_task(document)
        except InvalidInput as error:
            told = {fault.field for fault in faults}
            problems += [one for one in _placed(entry, error) if one.field not in told]
            continue
        if known is not None:
            spec = spec.model_copy(update={"id": known.id})
        found.append(DeclaredTask(entry, known, spec))
    return found, problems


def _placed(entry: Entry, error: InvalidInput) -> list[Problem]:
    return [entry.problem(one.field, one.message) for one in error.problems]
