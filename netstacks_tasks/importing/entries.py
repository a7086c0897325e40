"""Finds the things that files describe, and what is wrong with their form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args
from uuid import UUID

from netstacks_tasks.errors import Problem
from netstacks_tasks.importing.nodes import Node, where
from netstacks_tasks.importing.problem_list import ProblemList
from netstacks_tasks.store.texts import storable

Section = Literal[
    "credentials", "device_groups", "devices", "scripts", "stacks", "stack_instances", "tasks"
]

SECTIONS: Final[tuple[Section, ...]] = get_args(Section)
"""In the order in which they refer to each other."""
WORDS: Final[Mapping[Section, str]] = {
    "credentials": "credential",
    "device_groups": "device group",
    "devices": "device",
    "scripts": "script",
    "stacks": "stack",
    "stack_instances": "stack instance",
    "tasks": "task",
}
KEYS: Final[Mapping[Section, tuple[str, ...]]] = {
    # A task's own are known to its model.
    "credentials": ("id", "name", "block_name"),
    "device_groups": ("id", "name", "description"),
    "devices": (
        "id",
        "name",
        "host",
        "port",
        "platform",
        "site",
        "groups",
        "credential",
        "snmp",
        "options",
    ),
    "scripts": ("id", "name", "interpreter", "body"),
    "stacks": ("id", "name", "description", "templates", "variables"),
    "stack_instances": (
        "id",
        "name",
        "stack",
        "version",
        "variables",
        "groups",
        "devices",
        "mode",
        "canaries",
        "batch_size",
        "max_failures",
        "post_checks",
        "save",
    ),
}
_ALSO: Final[Mapping[str, Section]] = {"groups": "device_groups"}
_SECRET: Final = re.compile(
    r"pass(word|wd|phrase)?$|secret|community|private_?key|(auth|priv|api)_?key|token",
    re.IGNORECASE,
)
_MAY_HOLD_SECRETS: Final = frozenset({"credentials", "device_groups", "devices"})
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that a file describes."""

    section: Section
    source: str
    """The file or service; empty when the entry came alone, and needs no telling which it is."""
    node: Node
    fields: Mapping[str, Node]
    name: str
    id: UUID | None

    @property
    def word(self) -> str:
        return WORDS[self.section]

    def problem(self, field: str, message: str) -> Problem:
        """Something wrong with one of its fields, at that field's line."""
        if not self.source:
            return Problem(field=field, message=message)
        location = where(self.source, self.node.line_of(field))
        text = f"{self.word} {self.name!r}: {message}"
        return Problem(field=field, message=text, location=location)


class Entries:
    """Collects entries, and every problem of their form, over all files."""

    def __init__(self) -> None:
        self.found: list[Entry] = []
        self.problems: list[Problem] = ProblemList()

    def add(self, source: str, document: Node) -> None:
        """Take up a document: sections, one task, or a list of tasks."""
        if document.value is None:
            return
        for section, node in self._sections(source, document):
            items = node.items
            if items is None:
                if node.value is not None:
                    self._problem(source, node, section, "write a list here")
                continue
            for item in items:
                self._entry(source, section, item)

    def add_one(self, section: Section, document: Node) -> None:
        """Take up one entry that stood in no file."""
        self._entry("", section, document)

    def check_unique(self) -> None:
        """Report names and ids that are there twice."""
        first: dict[tuple[Section, object], Entry] = {}
        for entry in self.found:
            for field, key in (("name", entry.name), ("id", entry.id)):
                if key is None:
                    continue
                earlier = first.setdefault((entry.section, key), entry)
                if earlier is not entry:
                    place = f"{earlier.source}:{earlier.node.line_of(field)}"
                    self.problems.append(entry.problem(field, f"the same {field} as at {place}"))

    def _sections(self, source: str, document: Node) -> Iterator[tuple[Section, Node]]:
        fields = document.fields
        if fields is None:
            if document.items is not None:
                yield "tasks", document
            else:
                self._problem(source, document, "", f"write sections here: {', '.join(SECTIONS)}")
        elif "task_type" in fields:
            yield "tasks", Node([document], document.line)
        else:
            for name, node in fields.items():
                section = _ALSO.get(name, name)
                if section in SECTIONS:
                    yield section, node
                else:
                    known = ", ".join(SECTIONS)
                    self._problem(source, node, name, f"no such section; known: {known}")

    def _problem(self, source: str, node: Node, field: str, message: str) -> None:
        location = where(source, node.line) if source else ""
        self.problems.append(Problem(field=field, message=message, location=location))

    def _entry(self, source: str, section: Section, node: Node) -> None:
        word = WORDS[section]
        fields = node.fields
        if fields is None:
            self._problem(source, node, section, f"a {word} is a mapping of fields")
            return
        faults = list(_faults(section, fields))
        for field, place, message in faults:
            told = f"{word}: {message}" if source else message
            self._problem(source, place or node, field, told)
        name, key = fields.get("name"), fields.get("id")
        if name is None or not isinstance(name.value, str) or _name_fault(name) is not None:
            return
        self.found.append(
            Entry(
                section=section,
                source=source,
                node=node,
                fields=fields,
                name=name.value,
                id=_uuid(key.value) if key is not None else None,
            )
        )


def _faults(section: Section, fields: Mapping[str, Node]) -> Iterator[tuple[str, Node | None, str]]:
    """(field, where, what) for each fault of an entry's form."""
    if section in KEYS:
        for key, node in fields.items():
            if section in _MAY_HOLD_SECRETS:
                yield from _secrets(key, node)
            if key not in KEYS[section] and not _SECRET.search(key):
                yield key, node, f"no such field; known: {', '.join(KEYS[section])}"
        # Of a task's texts its model says so.
        for key, node in fields.items():
            yield from _unstorable(key, node)
    name = fields.get("name")
    if fault := _name_fault(name):
        yield "name", name, fault
    key_node = fields.get("id")
    if key_node is not None and key_node.value is not None and _uuid(key_node.value) is None:
        yield "id", key_node, "this is not a UUID: correct it, or leave it out"


def names_a_secret(key: str) -> bool:
    """Whether a field is called what secrets are called."""
    return _SECRET.search(key) is not None


def _secrets(key: str, node: Node) -> Iterable[tuple[str, Node | None, str]]:
    if names_a_secret(key):
        message = (
            "secrets do not belong into the inventory: put it into a Prefect block of type "
            "netstacks-device-credentials and name that block in a credential's block_name"
        )
        yield key, node, message
    for inner, value in (node.fields or {}).items():
        for field, place, message in _secrets(inner, value):
            yield f"{key}.{field}", place, message


def _unstorable(path: str, node: Node) -> Iterator[tuple[str, Node | None, str]]:
    texts = [node.value, *(node.fields or ())]
    if path != "name" and any(isinstance(t, str) and storable(t) != t for t in texts):
        yield path, node, "it holds a NUL or half a character, which cannot be stored"
    for key, inner in (node.fields or {}).items():
        yield from _unstorable(f"{path}.{key}", inner)
    for position, inner in enumerate(node.items or ()):
        yield from _unstorable(f"{path}[{position}]", inner)


def _name_fault(node: Node | None) -> str | None:
    return name_fault(None if node is None else node.value)


def name_fault(name: object) -> str | None:
    """Why it cannot be the name of something; None when it can."""
    if name is None or name == "":
        return "a name is needed"
    if not isinstance(name, str):
        return "the name must be a text: write it in quotes"
    if len(name) > _LONGEST_NAME:
        return f"the name has {len(name)} characters; at most {_LONGEST_NAME} are allowed"
    if name != name.strip() or not name.isprintable():
        return "the name begins or ends with a space, or holds a control character"
    return None


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
