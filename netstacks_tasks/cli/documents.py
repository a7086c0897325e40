"""Commands on documents: import, preview, schema."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_table, print_text
from netstacks_tasks.cli.session import complaints, run


def import_files(
    files: Annotated[
        list[Path], typer.Argument(help="YAML, JSON or CSV files of inventory and tasks.")
    ],
    as_json: AsJson = False,
) -> None:
    """Import inventory and tasks: everything in the files, or nothing.

    Importing the same files again changes nothing. Every bad line is reported
    with its file and number.
    """
    report = run(lambda netstacks: netstacks.import_files(files), as_json=as_json)
    if as_json:
        print_json(report)
    else:
        print_text(str(report))


def preview(
    cron: Annotated[str, typer.Option(help="Five cron fields or an alias, e.g. '0 2 * * *'.")],
    timezone: Annotated[str, typer.Option(help="IANA name.")] = "UTC",
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many runs.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Show the next runs of a schedule, in its timezone and in UTC."""
    with complaints(as_json=as_json):
        from netstacks_tasks.models.schedule import Schedule

        now = datetime.now(UTC)
        times = Schedule(cron, timezone).next(count, now)
        zone = ZoneInfo(timezone)
        local = [time.astimezone(zone) for time in times]
        offsets = [moment.utcoffset() for moment in (now.astimezone(zone), *local)]
        changes = len(set(offsets)) > 1
    if as_json:
        runs = [
            {"utc": time, "local": there.isoformat()}
            for time, there in zip(times, local, strict=True)
        ]
        print_json({"runs": runs, "clock_changes": changes})
        return
    rows = [
        (f"{there:%a %Y-%m-%d %H:%M %Z}", f"{time:%a %Y-%m-%d %H:%M}Z")
        for time, there in zip(times, local, strict=True)
    ]
    print_table((timezone, "UTC"), rows, "no runs")
    if changes:
        print_text(f"The clocks of {timezone} change within these runs.")


def schema() -> None:
    """Print the JSON Schema of a task."""
    from netstacks_tasks.models.json_schema import task_json_schema

    print_json(task_json_schema())
