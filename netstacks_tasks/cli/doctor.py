"""`netstacks doctor`: what is wrong with a set-up, and how to mend it."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_table
from netstacks_tasks.cli.session import complaints


def doctor(
    problems_only: Annotated[
        bool, typer.Option("--problems", help="Leave out what is as it should be.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check everything a task needs; says what is wrong and how to mend it."""
    with complaints(as_json=as_json):
        from netstacks_tasks.cli.checks import examine
        from netstacks_tasks.settings import load_settings

        findings = asyncio.run(examine(load_settings()))
    shown = [one for one in findings if one.status != "ok" or not problems_only]
    if as_json:
        print_json(shown)
    else:
        rows = [(one.status.upper(), one.subject, one.found, one.mend) for one in shown]
        print_table(("STATUS", "WHAT", "FOUND", "HOW TO MEND IT"), rows, "Nothing is wrong.")
    if any(one.status == "fail" for one in findings):
        raise typer.Exit(1)
