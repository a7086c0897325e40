"""Passwords of people: typed unseen, or read from where no other user sees them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from netstacks_tasks.cli.files import read_text
from netstacks_tasks.cli.output import one_line

PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--from", metavar="FILE", help="Holds the password alone; - reads standard input."
    ),
]


def password_for(user: str, file: Path | None) -> str:
    """The new password of a user.

    Raises:
        InvalidInput: it cannot be one, or nobody can be asked for it.
    """
    from netstacks_tasks.access.passwords import check_password
    from netstacks_tasks.errors import InvalidInput

    if file is not None:
        return check_password(read_text(file, "--from").rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise InvalidInput.single(
            "--from", "needed where nobody can be asked: --from - reads standard input"
        )
    label = f"Password of {one_line(user)}"
    typed: str = typer.prompt(label, hide_input=True, confirmation_prompt="Once more", err=True)
    return check_password(typed)
