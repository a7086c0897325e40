"""Imports files: everything they describe, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

import anyio.to_thread

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.importing.entries import SECTIONS, Entries, Entry
from netstacks_tasks.importing.items import ItemBuilder
from netstacks_tasks.importing.known import known_items
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.importing.report import ImportReport
from netstacks_tasks.importing.sources import Format, Source
from netstacks_tasks.importing.task_entries import TaskImport
from netstacks_tasks.store import inventory_changes, tasks
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.inventory_items import Item

logger = logging.getLogger(__name__)

_NOT_CREDENTIALS: Final = (
    "only an administrator may save credentials: ask one, or leave this section out"
)


async def import_documents(
    db: Database,
    files: Sequence[Path | Source],
    format: Format | None = None,  # noqa: A002 - what it is called everywhere
    *,
    may_change_credentials: bool = True,
) -> ImportReport:
    """Bring the inventory and the tasks to what the files say, in one transaction.

    What the files do not mention stays. A second import of the same files
    changes nothing, and announces nothing.

    Args:
        db: where to.
        files: their order does not matter.
        format: how to read them; by their suffixes unless told.
        may_change_credentials: False refuses files that would.

    Raises:
        InvalidInput: with every problem of every file, each with its line;
            nothing was written.
        StoreUnavailable: PostgreSQL cannot be reached; nothing was written.
    """
    # Large files take seconds, and a server has others to serve.
    entries = await anyio.to_thread.run_sync(read_entries, files, format)
    async with db.transaction() as connection:
        await inventory_changes.lock(connection)
        report = await _Import(connection, entries, may_change_credentials).run()
    logger.info("imported: %s", report, extra={"action": "imported"})
    return report


def read_entries(files: Sequence[Path | Source], chosen: Format | None) -> Entries:
    """What files describe; every fault of their form is in its `problems`."""
    entries = Entries()
    for file in files:
        try:
            source = file if isinstance(file, Source) else Source.of(file)
            contents = source.read(chosen)
            entries.problems += contents.problems
            for document in contents.documents:
                entries.add(source.name, document)
        except InvalidInput as error:
            entries.problems += error.problems
    entries.check_unique()
    return entries


class _Import:
    """One import, within a transaction that holds off every other writer."""

    def __init__(
        self, connection: Connection, entries: Entries, may_change_credentials: bool
    ) -> None:
        self._connection = connection
        self._entries = entries
        self._may_change_credentials = may_change_credentials
        self._registry = Registry()
        self._done: dict[str, dict[str, list[str]]] = {
            "created": {},
            "updated": {},
            "unchanged": {},
        }

    async def run(self) -> ImportReport:
        problems = list(self._entries.problems)
        known = await known_items(self._connection, self._registry)
        inventory_entries = [e for e in self._entries.found if e.section != "tasks"]
        inventory_entries.sort(key=lambda entry: SECTIONS.index(entry.section))
        ids, faults = self._registry.assign(inventory_entries)
        problems += faults
        builder = ItemBuilder(known, self._registry)
        items = await anyio.to_thread.run_sync(
            self._built, builder, inventory_entries, ids, known
        )  # fmt: skip
        task_import = await self._checked_tasks()
        problems += builder.problems + task_import.problems
        refuse(problems)
        await inventory_changes.put(self._connection, items)
        for verb, names in (await task_import.save(self._connection)).items():
            if names:
                self._done[verb]["tasks"] = names
        refuse(task_import.problems)
        return ImportReport(**self._done)

    def _built(
        self,
        builder: ItemBuilder,
        entries: Iterable[Entry],
        ids: Mapping[int, UUID],
        known: Mapping[UUID, Item],
    ) -> list[Item]:
        """The items that are new or different."""
        changed = []
        for position, entry in enumerate(entries):
            key = ids.get(position)
            item = builder.build(entry, key) if key is not None else None
            if item is None or key is None:
                continue
            verb = "created" if key not in known else "updated"
            if item == known.get(key):
                verb = "unchanged"
            else:
                changed.append(item)
                if entry.section == "credentials" and not self._may_change_credentials:
                    builder.problems.append(entry.problem("", _NOT_CREDENTIALS))
            self._done[verb].setdefault(entry.section, []).append(item.name)
        return changed

    async def _checked_tasks(self) -> TaskImport:
        known = await tasks.every(self._connection)
        task_import = TaskImport(known, self._registry)
        for entry in self._entries.found:
            if entry.section == "tasks":
                task_import.check(entry)
        return task_import


def refuse(problems: Sequence[Problem]) -> None:
    """Raise `InvalidInput` when there are any, each once, in the order of the files."""
    if problems:
        unique = dict.fromkeys(problems)
        raise InvalidInput(sorted(unique, key=_place))


def _place(problem: Problem) -> tuple[str, int]:
    name, _, line = problem.location.rpartition(":")
    return (name, int(line)) if line.isdecimal() else (problem.location, 0)
