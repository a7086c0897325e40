"""Compares what files declare with what there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from anyio import to_thread

from netstacks_tasks.errors import Problem
from netstacks_tasks.importing.declared.plan import Change, Verb
from netstacks_tasks.importing.declared.tasks import DeclaredTask, declared_tasks
from netstacks_tasks.importing.declared.whole import whole
from netstacks_tasks.importing.declared.written import (
    SECTION_OF,
    Document,
    item_document,
    task_document,
)
from netstacks_tasks.importing.entries import SECTIONS, Entries, Entry, Section
from netstacks_tasks.importing.items import ItemBuilder
from netstacks_tasks.importing.known import known_items
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.models.task import Task
from netstacks_tasks.store import managed_items, tasks
from netstacks_tasks.store.database import Connection
from netstacks_tasks.store.inventory_items import Item


@dataclass(slots=True)
class Comparison:
    """What is declared beside what there is, within one transaction."""

    known: Mapping[UUID, Item]
    every_task: Mapping[UUID, Task]
    owners: Mapping[tuple[str, UUID], str]
    items: list[tuple[Entry, Item]] = field(default_factory=list)
    tasks: list[DeclaredTask] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def changes(self, owner: str, *, adopt: bool) -> list[Change]:
        """What becomes of everything that is declared; new tasks have no id yet."""
        before, after = self._names(), self._names()
        after |= {item.id: item.name for _, item in self.items}
        found = []
        for entry, item in self.items:
            known = self.known.get(item.id)
            old = None if known is None else item_document(known, before)
            same = known == item
            new = old if same and old is not None else item_document(item, after)
            found.append(self._change(entry, item.id, old, new, owner, adopt))
        for task in self.tasks:
            old = None if task.known is None else task_document(task.known.spec)
            new = old if old is not None and not task.changed else task_document(task.spec)
            key = UUID(int=0) if task.spec.id is None else task.spec.id
            found.append(self._change(task.entry, key, old, new, owner, adopt))
        return found

    def missing(self, owner: str) -> list[Change]:
        """What earlier files of the owner made and these do not declare, in an order to remove."""
        declared = {item.id for _, item in self.items} | {one.spec.id for one in self.tasks}
        names = self._names()
        found = []
        for (section, key), whose in self.owners.items():
            if whose != owner or key in declared:
                continue
            if section == "tasks":
                task = self.every_task[key]
                found.append(_deletion("tasks", key, task.name, task_document(task.spec)))
            else:
                item = self.known[key]
                document = item_document(item, names)
                found.append(_deletion(SECTION_OF[type(item)], key, item.name, document))
        return sorted(found, key=lambda one: (-SECTIONS.index(one.section), one.name))

    def _change(
        self,
        entry: Entry,
        key: UUID,
        old: Document | None,
        new: Document,
        owner: str,
        adopt: bool,
    ) -> Change:
        whose = self.owners.get((entry.section, key))
        verb: Verb = "create" if old is None else "update" if old != new else "unchanged"
        if verb == "unchanged" and adopt and whose != owner:
            verb = "adopt"
        if verb == "update" and whose not in {None, owner} and not adopt:
            message = (
                f"is managed by the files of {whose!r}: change it there, apply these with "
                f"--owner {whose}, or take it over with --adopt"
            )
            self.problems.append(entry.problem("name", message))
        return Change(
            verb=verb, section=entry.section, id=key, name=entry.name, before=old, after=new
        )

    def _names(self) -> dict[UUID, str]:
        return {key: item.name for key, item in self.known.items()}


def _deletion(section: Section, key: UUID, name: str, document: Document) -> Change:
    return Change(verb="delete", section=section, id=key, name=name, before=document, after=None)


async def compared(connection: Connection, entries: Entries) -> Comparison:
    """Read what there is, and make sense of the entries; what is wrong is in its `problems`."""
    registry = Registry()
    known = await known_items(connection, registry)
    every = await tasks.every(connection)
    found = Comparison(
        known=known,
        every_task={task.id: task for task in every},
        owners=await managed_items.owners(connection),
        problems=list(entries.problems),
    )
    declared: list[Entry] = []
    for entry in entries.found:
        completed, missing = whole(entry)
        declared.append(completed)
        found.problems += missing
    await to_thread.run_sync(_build, found, declared, registry)
    found.tasks, faults = declared_tasks(
        [one for one in declared if one.section == "tasks"], every, registry
    )
    found.problems += faults
    return found


def _build(found: Comparison, declared: Sequence[Entry], registry: Registry) -> None:
    inventory = [one for one in declared if one.section != "tasks"]
    inventory.sort(key=lambda entry: SECTIONS.index(entry.section))
    ids, faults = registry.assign(inventory)
    found.problems += faults
    builder = ItemBuilder(found.known, registry)
    for position, entry in enumerate(inventory):
        key = ids.get(position)
        if key is None:
            continue
        item = builder.build(entry, key)
        if item is not None:
            found.items.append((entry, item))
    found.problems += builder.problems
