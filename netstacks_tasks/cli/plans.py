"""Shows what an apply would change."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from netstacks_tasks.cli.output import one_line

if TYPE_CHECKING:
    from netstacks_tasks.importing.declared.plan import Change, Plan

_SIGNS: Final = {"create": "+", "update": "~", "adopt": "=", "delete": "-"}
_MOST_LINES: Final = 40
"""Of the difference of one text."""


def plan_lines(plan: Plan) -> Iterator[str]:
    """The plan for people: a line for each change, and below it what of it changes."""
    from netstacks_tasks.importing.entries import WORDS

    for change in plan.pending:
        note = ": managed by these files from now on" if change.verb == "adopt" else ""
        yield one_line(f"{_SIGNS[change.verb]} {WORDS[change.section]} {change.name}{note}")
        yield from _difference(change)
    counts = plan.count()
    said = {"create": "to create", "update": "to update", "adopt": "to adopt"}
    said |= {"delete": "to remove", "unchanged": "unchanged"}
    parts = [f"{counts[verb]} {words}" for verb, words in said.items() if counts[verb]]  # type: ignore[index]  # all of them are verbs
    yield f"{', '.join(parts)}." if parts else "Nothing is declared."


def _difference(change: Change) -> Iterator[str]:
    for path, (before, after) in change.fields().items():
        texts = [value for value in (before, after) if isinstance(value, str)]
        if len(texts) == 2 and any("\n" in text for text in texts):
            yield f"    {path}:"
            yield from _lines(*texts)
        else:
            yield f"    {path}: {_said(before)} -> {_said(after)}"


def _lines(before: str, after: str) -> Iterator[str]:
    found = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[
        2:
    ]
    for line in found[:_MOST_LINES]:
        yield f"      {line}"
    if len(found) > _MOST_LINES:
        yield f"      and {len(found) - _MOST_LINES} more lines"


def _said(value: object) -> str:
    return "none" if value is None else one_line(json.dumps(value, ensure_ascii=False))


def plan_document(plan: Plan) -> Mapping[str, Any]:
    """The plan for programs."""
    return {
        "owner": plan.owner,
        "counts": dict(plan.count()),
        "changes": [
            {
                "action": change.verb,
                "section": change.section,
                "name": change.name,
                "fields": {
                    path: {"before": before, "after": after}
                    for path, (before, after) in change.fields().items()
                },
            }
            for change in plan.pending
        ],
        "left": [{"section": section, "name": name} for section, name in plan.left],
    }
