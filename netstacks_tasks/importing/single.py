"""Saves one item of the inventory, checked as an import checks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import anyio.to_thread

from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.importing.entries import WORDS, Entries, Entry, Section
from netstacks_tasks.importing.items import MODELS, ItemBuilder
from netstacks_tasks.importing.known import known_items
from netstacks_tasks.importing.nodes import node_of
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.store import inventory, inventory_changes
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.inventory_items import Item

Check = Callable[[Item], None]
"""Refuses, by an error, to go on from the item as it is by now."""


async def create(db: Database, section: Section, document: Mapping[str, Any]) -> Item:
    """Save a new item; without an id it gets the one that an import would give it.

    Args:
        db: where to.
        section: of what kind it is.
        document: as in a file to import, read strictly (`models.documents`).

    Raises:
        InvalidInput: it is not right, or its name or id is taken.
    """
    async with _saving(db) as saving:
        entry = _entry(section, document)
        saving.refuse_taken(entry)
        ids, problems = saving.registry.assign([entry])
        _raise(problems)
        return await saving.save(entry, ids[0], saving.known)


async def replace(
    db: Database, section: Section, key: UUID | str, document: Mapping[str, Any], check: Check
) -> Item:
    """Make an item what the document says; what it leaves out takes its default.

    Args:
        db: where to.
        section: of what kind it is.
        key: its id or name by now; the document may give it another name.
        document: as for `create`.
        check: refuses the item as it is by now.

    Raises:
        NotFound: there is none.
        InvalidInput: the document is not right.
    """
    async with _saving(db) as saving:
        before = saving.find(section, key)
        check(before)
        entry = _entry(section, document)
        # The store counts a stack's versions on.
        others = {one: item for one, item in saving.known.items() if one != before.id}
        return await saving.save_known(entry, before, others)


async def change(
    db: Database, section: Section, key: UUID | str, document: Mapping[str, Any], check: Check
) -> Item:
    """Change the fields that a document has; null is a field's default. Else as `replace`."""
    async with _saving(db) as saving:
        before = saving.find(section, key)
        check(before)
        entry = _entry(section, {"name": before.name, **document})
        return await saving.save_known(entry, before, saving.known)


@asynccontextmanager
async def _saving(db: Database) -> AsyncIterator[_Saving]:
    async with db.transaction() as connection:
        await inventory_changes.lock(connection)
        registry = Registry()
        known = await known_items(connection, registry)
        yield _Saving(connection, registry, known)


@dataclass(frozen=True, slots=True)
class _Saving:
    """A transaction that holds off every other writer, and what it finds."""

    connection: Connection
    registry: Registry
    known: Mapping[UUID, Item]

    def find(self, section: Section, key: UUID | str) -> Item:
        """By its id, or else by its name, as `store.inventory.get` does."""
        for one in (inventory.as_id(key), self.registry.id_of(section, str(key))):
            found = None if one is None else self.known.get(one)
            if type(found) is MODELS[section]:
                return found
        raise NotFound(WORDS[section], key)

    def refuse_taken(self, entry: Entry) -> None:
        if self.registry.id_of(entry.section, entry.name) is not None:
            message = f"there is another {entry.word} with this name: choose a different one"
            raise InvalidInput([entry.problem("name", message)])
        if entry.id in self.known:
            message = "there is something with this id already: leave the id out"
            raise InvalidInput([entry.problem("id", message)])

    async def save_known(self, entry: Entry, before: Item, known: Mapping[UUID, Item]) -> Item:
        if entry.id not in {None, before.id}:
            message = f"is {before.id} and stays so: leave the id out"
            raise InvalidInput([entry.problem("id", message)])
        if self.registry.id_of(entry.section, entry.name) not in {None, before.id}:
            message = f"there is another {entry.word} with this name: choose a different one"
            raise InvalidInput([entry.problem("name", message)])
        self.registry.add(entry.section, before.id, entry.name)
        return await self.save(entry, before.id, known)

    async def save(self, entry: Entry, key: UUID, known: Mapping[UUID, Item]) -> Item:
        builder = ItemBuilder(known, self.registry)
        # A stack's templates are rendered for every device: others are served meanwhile.
        item = await anyio.to_thread.run_sync(builder.build, entry, key)
        _raise(builder.problems)
        if item is None:
            raise InvalidInput.single("", f"is no {entry.word}")
        await inventory_changes.put(self.connection, [item])
        return (await inventory.read(self.connection, MODELS[entry.section], id=key))[0]


def _entry(section: Section, document: Mapping[str, Any]) -> Entry:
    entries = Entries()
    entries.add_one(section, node_of(document))
    _raise(entries.problems)
    return entries.found[0]


def _raise(problems: list[Any]) -> None:
    if problems:
        raise InvalidInput(list(dict.fromkeys(problems)))
