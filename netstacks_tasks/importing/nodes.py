"""Values of a file that know the line they stood in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from netstacks_tasks.errors import InvalidInput, Problem

DEEPEST: Final = 60
MOST_NODES: Final = 2_000_000
"""Of one file, with every alias written out."""

Scalar = str | int | float | bool | None

LONGEST_KEY: Final = 1000
"""Characters: messages name fields."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value, with the line (from 1) where it begins; 0 when it stood in no file."""

    value: Mapping[str, Node] | Sequence[Node] | Scalar
    line: int

    @property
    def fields(self) -> Mapping[str, Node] | None:
        """The fields of a mapping; None for anything else."""
        return self.value if isinstance(self.value, Mapping) else None

    @property
    def items(self) -> Sequence[Node] | None:
        """The items of a list; None for anything else."""
        value = self.value
        return value if isinstance(value, Sequence) and not isinstance(value, str) else None

    def plain(self) -> Any:  # noqa: ANN401 - whatever the file holds
        """The value without its lines."""
        if (fields := self.fields) is not None:
            return {name: node.plain() for name, node in fields.items()}
        if (items := self.items) is not None:
            return [node.plain() for node in items]
        return self.value

    def line_of(self, path: str) -> int:
        """The line of the value at a dotted path, or of as much of it as there is."""
        node = self
        for part in path.replace("[", ".").replace("]", "").split("."):
            found: Node | None = None
            if (fields := node.fields) is not None:
                found = fields.get(part)
            elif (items := node.items) is not None and part.isdecimal() and int(part) < len(items):
                found = items[int(part)]
            if found is None:
                break
            node = found
        return node.line


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds, as far as it can be read, and what is wrong with the rest."""

    documents: Sequence[Node]
    problems: Sequence[Problem] = ()


def node_of(value: Any) -> Node:  # noqa: ANN401 - whatever JSON holds
    """A value that stood in no file, as one that stood in its first line."""
    if isinstance(value, Mapping):
        return Node({str(name): node_of(inner) for name, inner in value.items()}, 1)
    if isinstance(value, list | tuple):
        return Node([node_of(inner) for inner in value], 1)
    return Node(value, 1)


def where(source: str, line: int) -> str:
    """Where something stands, for messages."""
    return f"{source}:{line}" if line else source


def refused(name: str, line: int, message: str) -> InvalidInput:
    """The error of a file that cannot be read on from a line."""
    return InvalidInput([Problem(field="", message=message, location=f"{name}:{line}")])
