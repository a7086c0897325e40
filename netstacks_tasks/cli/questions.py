"""Asks a person, when there is one."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def confirm(question: str, *, yes: bool) -> None:
    """Go on if the answer is yes, or was given with `--yes`.

    Raises:
        typer.Abort: the answer was no.
        InvalidInput: nobody can be asked.
    """
    if yes:
        return
    from netstacks_tasks.cli.output import one_line
    from netstacks_tasks.errors import InvalidInput

    if not sys.stdin.isatty():
        raise InvalidInput.single(
            "--yes", "needed where nobody can be asked: add it if you mean it"
        )
    typer.confirm(one_line(question), abort=True, err=True)


def secret(label: str) -> str:
    """A secret, typed unseen; empty for none."""
    answer: str = typer.prompt(
        f"{label} (empty for none)", default="", hide_input=True, show_default=False, err=True
    )
    return answer
