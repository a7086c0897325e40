"""What an entry of the audit log says, field by field, for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from netstacks_tasks.models.access import AuditEntry

_DIGEST: Final = "sha256:"
_SHOWN_OF_A_DIGEST: Final = len(_DIGEST) + 12
_LONGEST: Final = 160
_EMPTY: Final = "nothing"


class Change(NamedTuple):
    """One field; None: there was, or is, nothing."""

    field: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None and self.after is None:
            return f"{self.field} changed"
        if self.before is None:
            return f"{self.field}: {self.after}"
        return f"{self.field}: {self.before} -> {_EMPTY if self.after is None else self.after}"


def changes_of(entry: AuditEntry) -> list[Change]:
    """The fields that changed; those of a document within a field one by one."""
    found: list[Change] = []
    for field, value in entry.changes.items():
        if isinstance(value, list) and len(value) == 2:
            found += _differences(field, *value)
        else:
            # What belongs to a deed that changed no row.
            found.append(Change(field, None, _text(value)))
    if entry.action == "edited":
        return found
    # Of what is new or gone, what it did not have says nothing.
    return [one for one in found if {one.before, one.after} - {None, _EMPTY}]


def _differences(field: str, before: Any, after: Any) -> Iterator[Change]:  # noqa: ANN401 - any JSON
    if isinstance(before or after, dict) and isinstance(after or before, dict):
        old, new = before or {}, after or {}
        for name in dict.fromkeys((*old, *new)):
            if old.get(name) != new.get(name):
                yield from _differences(f"{field}.{name}", old.get(name), new.get(name))
    else:
        yield Change(field, _text(before), _text(after))


def _text(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if value in ("", [], {}):
        return _EMPTY
    if text.startswith(_DIGEST):
        return f"{text[:_SHOWN_OF_A_DIGEST]}..."
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
