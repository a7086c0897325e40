"""What an apply would change, or has changed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from netstacks_tasks.importing.entries import Section

Verb = Literal["create", "update", "adopt", "delete", "unchanged"]
"""`adopt`: it stays as it is, and is managed by the files from then on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to become of one item."""

    verb: Verb
    section: Section
    id: UUID
    name: str
    before: Mapping[str, Any] | None
    """As a file would describe it; None when it is new."""
    after: Mapping[str, Any] | None

    def fields(self) -> dict[str, tuple[Any, Any]]:
        """What an update changes, by dotted path: before and after, None where it is not."""
        if self.before is None or self.after is None:
            return {}
        before, after = dict(_flat(self.before)), dict(_flat(self.after))
        return {
            path: (before.get(path), after.get(path))
            for path in dict.fromkeys([*before, *after])
            if before.get(path) != after.get(path)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that the files declare, and what is to be removed."""

    owner: str
    changes: tuple[Change, ...]
    left: tuple[tuple[Section, str], ...] = ()
    """What earlier files of the owner made and these do not declare, and stays."""

    @property
    def pending(self) -> tuple[Change, ...]:
        """Without what stays as it is."""
        return tuple(one for one in self.changes if one.verb != "unchanged")

    def count(self) -> Counter[Verb]:
        """How many items, by what becomes of them."""
        return Counter(one.verb for one in self.changes)

    def digest(self) -> str:
        """The same for the same changes to the same items as they were."""
        said = [
            (one.verb, one.section, str(one.id), one.name, one.before, one.after)
            for one in self.pending
        ]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _flat(fields: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
