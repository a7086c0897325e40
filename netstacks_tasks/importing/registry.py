"""Which names and ids there are: those of the inventory and those of the files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID, uuid5

from netstacks_tasks.errors import Problem
from netstacks_tasks.importing.entries import SECTIONS, WORDS, Entry, Section

_NAMESPACE: Final = UUID("0c7b7a52-3f2e-5a1d-9f61-6d8d2b6f4c10")


class Registry:
    """Finds ids by name; knows what the files add."""

    def __init__(self) -> None:
        self._ids: dict[Section, dict[str, UUID]] = {section: {} for section in SECTIONS}
        self._names: dict[Section, dict[UUID, str]] = {section: {} for section in SECTIONS}

    def add(self, section: Section, key: UUID, name: str) -> None:
        """Something that is there; a known id takes on the name."""
        former = self._names[section].get(key)
        if former is not None:
            del self._ids[section][former]
        self._names[section][key] = name
        self._ids[section][name] = key

    def assign(self, entries: Iterable[Entry]) -> tuple[dict[int, UUID], list[Problem]]:
        """Give every entry its id, by its position, and take it up.

        The file's own id counts; otherwise that of the same name; otherwise
        one that follows from the name, so that it is the same everywhere.
        """
        problems = []
        ids: dict[int, UUID] = {}
        for position, entry in enumerate(entries):
            same_name = self._ids[entry.section].get(entry.name)
            if entry.id is not None and same_name not in {None, entry.id}:
                message = f"there is one of this name with the id {same_name}: use that id, or none"
                problems.append(entry.problem("id", message))
                continue
            key = entry.id or same_name or self._derived(entry)
            ids[position] = key
            self.add(entry.section, key, entry.name)
        return ids, problems

    def find(self, section: Section, reference: object) -> UUID | None:
        """The id of what is meant by an id or a name; None when there is none."""
        if not isinstance(reference, str):
            return None
        if reference in self._ids[section]:
            return self._ids[section][reference]
        try:
            key = UUID(reference)
        except ValueError:
            return None
        return key if key in self._names[section] else None

    def id_of(self, section: Section, name: str) -> UUID | None:
        """The id of what has this name."""
        return self._ids[section].get(name)

    def name(self, section: Section, key: UUID) -> str:
        return self._names[section][key]

    def _derived(self, entry: Entry) -> UUID:
        number = 0
        while True:
            key = uuid5(_NAMESPACE, f"{WORDS[entry.section]}:{number}:{entry.name}")
            # Taken: what once had this name was renamed.
            if key not in self._names[entry.section]:
                return key
            number += 1
