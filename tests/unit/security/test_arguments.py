"""No command takes a secret as an argument, which every user of the machine could read."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import typer

from netstacks_tasks.cli.main import app

_SECRET: Final = re.compile(r"password|passphrase|secret|key|token|community|login|auth|private")
_NO_SECRETS: Final = {
    # The name or the id of a token, not its text.
    ("token revoke", "token"),
}


def commands(group: Any, name: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:  # noqa: ANN401 - typer's own
    """Every command below, by its words, with the function that has its parameters."""
    for word, below in group.commands.items():
        words = f"{name} {word}".strip()
        if hasattr(below, "commands"):
            yield from commands(below, words)
        else:
            yield words, below.callback


def test_secrets_are_read_from_files_or_asked_for() -> None:
    found = {
        (name, parameter): hint
        for name, function in commands(typer.main.get_command(app))
        for parameter, hint in typing.get_type_hints(function).items()
        if _SECRET.search(parameter)
        # The name of a block in which it is.
        and not parameter.endswith("_block")
        and (name, parameter) not in _NO_SECRETS
    }
    assert ("credential add", "private_key") in found
    harmless = {Path, bool, type(None)}
    faults = [key for key, hint in found.items() if not set(_parts(hint)) <= harmless]
    assert faults == []


def _parts(hint: object) -> tuple[object, ...]:
    return typing.get_args(hint) or (hint,)
