"""`netstacks doctor`: what is wrong with a set-up, and how to mend it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from netstacks_tasks.cli.output import AsJson, one_line, print_json, write

if TYPE_CHECKING:
    from netstacks_tasks.cli.checks.finding import Finding, Status

_WORDS: Final = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}
_COLOURS: Final = {"ok": "32", "warn": "33", "fail": "31"}


def doctor(
    problems_only: Annotated[
        bool, typer.Option("--problems", help="Leave out what is as it should be.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check everything a task needs; says what is wrong and how to mend it.

    Looks at this machine, the database, the Prefect server, its workers and
    blocks, and whether the sync keeps up. Exit code 1 when something fails;
    a warning alone is none.

    \b
    Examples:
      netstacks doctor
      netstacks doctor --problems --json
    """
    import asyncio

    from netstacks_tasks.cli.checks.examination import examine
    from netstacks_tasks.settings import load_settings

    findings = asyncio.run(examine(load_settings()))
    counts = Counter(one.status for one in findings)
    shown = [one for one in findings if one.status != "ok" or not problems_only]
    if as_json:
        print_json({"ok": not counts["fail"], "findings": shown})
    else:
        _print(shown)
        write(f"{counts['ok']} ok, {counts['warn']} warnings, {counts['fail']} failed\n")
    if counts["fail"]:
        raise typer.Exit(1)


def _print(findings: Sequence[Finding]) -> None:
    width = max((len(one.subject) for one in findings), default=0)
    for one in findings:
        subject = one_line(one.subject).ljust(width)
        write(f"{_word(one.status)}  {subject}  {one_line(one.found)}\n")
        if one.mend:
            write(f"      {' ' * width}  -> {one_line(one.mend)}\n")


def _word(status: Status) -> str:
    word = _WORDS[status]
    return f"\x1b[{_COLOURS[status]}m{word}\x1b[0m" if sys.stdout.isatty() else word
