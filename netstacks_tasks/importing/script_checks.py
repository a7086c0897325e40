"""What a script's run would stumble over, found before it is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from netstacks_tasks.errors import Problem
from netstacks_tasks.importing.entries import Entry
from netstacks_tasks.models.stored_script import script_faults

_INTERPRETERS: Final = ("python", "bash")


def script_problems(entry: Entry, values: Mapping[str, Any]) -> Iterator[Problem]:
    """A text that nothing can run, or that is meant for another interpreter.

    A wrong type is told by the model, and a NUL with the other texts.
    """
    body, interpreter = values.get("body"), values.get("interpreter", "python")
    if isinstance(body, str) and "\x00" not in body and interpreter in _INTERPRETERS:
        for field, message in script_faults(body, interpreter):
            yield entry.problem(field, message)
