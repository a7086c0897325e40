"""YAML with line numbers, plain data only.

Built from the parser's events without recursion: depth and size are bounded,
aliases that multiply (the "billion laughs") and tags that would make objects
are refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.importing.nodes import (
    DEEPEST,
    LONGEST_KEY,
    MOST_NODES,
    Contents,
    Node,
    Scalar,
    refused,
)

_PREFIX: Final = "tag:yaml.org,2002:"
_MERGE: Final = f"{_PREFIX}merge"
_SCALARS: Final = {f"{_PREFIX}{name}" for name in ("str", "int", "float", "bool", "null")}
_ECHO: Final = 60
_NUMBERS: Final = {f"{_PREFIX}int", f"{_PREFIX}float"}
_LONGEST_NUMBER: Final = 400
"""Characters. One in base 60 takes time that grows with their square, and nobody can store it."""
# A date is text here: nothing of the import is a date.
_TEXTS: Final = {f"{_PREFIX}{name}" for name in ("timestamp", "value")}
_PLAIN_COLLECTIONS: Final = {None, "!", f"{_PREFIX}map", f"{_PREFIX}seq"}
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str, name: str) -> Contents:
    """The documents of a file.

    Raises:
        InvalidInput: it is not YAML, or not plain data; says where.
    """
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        line = min(line, text.rstrip().count("\n") + 1)  # the end may be said to be behind it
        what = ", ".join(part for part in (error.context, error.problem) if part)
        raise refused(name, line, f"this is not YAML: {what}") from None
    except yaml.YAMLError as error:
        raise refused(name, 1, f"this is not YAML: {str(error).splitlines()[0]}") from None
    return Contents(builder.documents)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end was not seen yet."""

    line: int
    anchor: str | None
    is_mapping: bool
    items: list[Node] = field(default_factory=list)
    fields: dict[str, Node] = field(default_factory=dict)
    merged: list[Node] = field(default_factory=list)
    key: tuple[str, bool] | None = None
    """The field whose value comes next, and whether it is the merge key."""
    size: int = 1
    depth: int = 0
    """How deep what is inside is nested, with every alias written out."""


class _Builder:
    def __init__(self, name: str) -> None:
        self.documents: list[Node] = []
        self._name = name
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._size = 0
        self._resolver = Resolver()
        self._constructor = SafeConstructor()

    def take(self, event: Any) -> None:  # noqa: ANN401 - the stubs know only its base
        """One event of the parser."""
        line = event.start_mark.line + 1
        match event:
            case yaml.DocumentStartEvent():
                self._anchors.clear()
            case yaml.ScalarEvent():
                self._scalar(event, line)
            case yaml.AliasEvent():
                self._alias(str(event.anchor), line)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event, line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()
            case _:
                pass

    def _refused(self, line: int, message: str) -> InvalidInput:
        return refused(self._name, line, message)

    def _open(self, event: Any, line: int) -> None:  # noqa: ANN401 - as above
        if event.tag not in _PLAIN_COLLECTIONS:
            raise self._refused(line, f"the tag {event.tag[:_ECHO]!r} is not plain data: remove it")
        if len(self._stack) >= DEEPEST:
            raise self._refused(line, f"it is nested more than {DEEPEST} deep")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if self._expects_key():
            raise self._refused(line, "a field name must be a text")
        self._stack.append(_Open(line, event.anchor, is_mapping))

    def _close(self) -> None:
        done = self._stack.pop()
        value: Mapping[str, Node] | list[Node] = done.items
        if done.is_mapping:
            fields: dict[str, Node] = {}
            for source in reversed(done.merged):
                fields |= source.fields or {}
            value = fields | done.fields
        self._add(Node(value, done.line), done.size, done.anchor, done.depth)

    def _scalar(self, event: Any, line: int) -> None:  # noqa: ANN401 - as above
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._resolver.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]  # not in the stubs
        if self._expects_key():
            self._take_key(event.value, tag == _MERGE, line)
            return
        self._add(Node(self._construct(tag, event.value, line), line), 1, event.anchor)

    def _construct(self, tag: str, text: str, line: int) -> Scalar:
        if tag in _TEXTS or tag == _MERGE:
            return text
        if tag not in _SCALARS:
            raise self._refused(line, f"the tag {tag[:_ECHO]!r} is not plain data: remove it")
        if tag in _NUMBERS and len(text) > _LONGEST_NUMBER:
            message = f"a number of {len(text)} characters: write it in quotes, or shorten it"
            raise self._refused(line, message)
        try:
            value = self._constructor.construct_object(yaml.ScalarNode(tag, text))
        except (ArithmeticError, LookupError, ValueError, yaml.YAMLError):
            kind = tag.removeprefix(_PREFIX)
            raise self._refused(line, f"{text[:40]!r} is no {kind}: write it in quotes") from None
        if isinstance(value, float) and not math.isfinite(value):
            raise self._refused(line, f"{text[:40]!r} is not a finite number")
        return value if value is None else _scalar(value)

    def _expects_key(self) -> bool:
        return bool(self._stack) and self._stack[-1].is_mapping and self._stack[-1].key is None

    def _take_key(self, key: str, is_merge: bool, line: int) -> None:
        top = self._stack[-1]
        if len(key) > LONGEST_KEY:
            raise self._refused(line, f"a field name of {len(key)} characters: shorten it")
        if not is_merge and key in top.fields:
            raise self._refused(line, f"the field {key!r} is there twice")
        top.key = (key, is_merge)

    def _alias(self, anchor: str, line: int) -> None:
        if anchor not in self._anchors:
            raise self._refused(line, f"the alias *{anchor[:_ECHO]} refers to itself or to nothing")
        if self._expects_key():
            raise self._refused(line, "a field name must be a text")
        node, size, depth = self._anchors[anchor]
        self._add(node, size, None, depth)

    def _add(self, node: Node, size: int, anchor: str | None, depth: int = 0) -> None:
        """Put a finished node where it belongs; `size` counts what is inside."""
        self._size += 1
        if anchor is not None:
            self._anchors[anchor] = (node, size, depth)
        if len(self._stack) + depth > DEEPEST:
            raise self._refused(node.line, f"it is nested more than {DEEPEST} deep")
        if not self._stack:
            self.documents.append(node)
            return
        top = self._stack[-1]
        top.size += size
        top.depth = max(top.depth, depth + 1)
        if top.size > MOST_NODES or self._size > MOST_NODES:
            raise self._refused(node.line, f"it holds more than {MOST_NODES:,} values")
        if top.key is None:
            top.items.append(node)
            return
        (key, is_merge), top.key = top.key, None
        if is_merge:
            top.merged += self._merge_sources(node)
        else:
            top.fields[key] = node

    def _merge_sources(self, node: Node) -> list[Node]:
        sources = [node] if node.fields is not None else list(node.items or ())
        if not sources or any(source.fields is None for source in sources):
            raise self._refused(node.line, "<< takes a mapping or a list of mappings")
        return sources


def _scalar(value: object) -> Scalar:
    return value if isinstance(value, str | int | float | bool) else str(value)
