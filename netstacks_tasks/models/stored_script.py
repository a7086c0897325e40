"""What a stored script must be to be of any use."""

from __future__ import annotations

from collections.abc import Iterator

from netstacks_tasks.models.first_line import contradicts
from netstacks_tasks.models.parameters import MAX_SCRIPT_CHARACTERS


def script_faults(body: str, interpreter: str) -> Iterator[tuple[str, str]]:
    """(field, what is wrong with it) of a script for one of our interpreters."""
    if not body.strip() or "\x00" in body:
        yield "body", "holds no script: it is empty or binary"
    elif len(body) > MAX_SCRIPT_CHARACTERS:
        yield "body", f"has more than {MAX_SCRIPT_CHARACTERS} characters: shorten it"
    elif contradictory := contradicts(body, interpreter):
        yield "interpreter", contradictory
