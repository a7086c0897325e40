"""The next runs of a schedule, for people."""

from __future__ import annotations

from typing import Annotated

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_table, print_text

Count = Annotated[int, typer.Option(min=1, max=1000, help="How many runs.")]


def preview(
    cron: Annotated[str, typer.Option(help="Five cron fields, or an alias such as @daily.")],
    timezone: Annotated[str, typer.Option(help="An IANA name.")] = "UTC",
    count: Count = 5,
    as_json: AsJson = False,
) -> None:
    """Show the next runs of a schedule, in its timezone and in UTC.

    Says so when the zone's clock is put on or back before the last of them.

    \b
    Examples:
      netstacks preview --cron '0 2 * * *' --timezone America/New_York
      netstacks preview --cron '*/15 * * * 1-5' --count 10 --json
    """
    print_preview(cron, timezone, count, as_json=as_json)


def print_preview(cron: str, timezone: str, count: int, *, as_json: bool) -> None:
    """Print the next times of a schedule.

    Raises:
        InvalidInput: it is none.
    """
    from netstacks_tasks.models import schedule_preview

    shown = schedule_preview.preview(cron, timezone, count)
    if as_json:
        print_json(shown.model_dump(mode="json"))
        return
    print_text(f"{shown.sentence}:")
    rows = [
        (f"{run.local:%a %Y-%m-%d %H:%M %Z}", f"{run.utc:%a %Y-%m-%d %H:%M}Z") for run in shown.runs
    ]
    print_table((timezone, "UTC"), rows, "It never runs.")
    for note in shown.notes:
        print_text(f"Note: {note}")
