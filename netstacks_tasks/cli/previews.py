"""The next runs of a schedule, for people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_table, print_text

if TYPE_CHECKING:
    from netstacks_tasks.models.clock_changes import ClockChange

Count = Annotated[int, typer.Option(min=1, max=1000, help="How many runs.")]
_MOST_CHANGES = 4


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
    from zoneinfo import ZoneInfo

    from netstacks_tasks.models.clock_changes import clock_changes
    from netstacks_tasks.models.schedule import Schedule

    now = datetime.now(UTC)
    times = Schedule(cron, timezone).next(count, now)
    zone = ZoneInfo(timezone)
    local = [time.astimezone(zone) for time in times]
    changes = list(clock_changes(timezone, now, times[-1])) if times else []
    if as_json:
        pairs = zip(times, local, strict=True)
        print_json(
            {
                "cron_expression": cron,
                "timezone": timezone,
                "runs": [{"utc": utc, "local": there.isoformat()} for utc, there in pairs],
                "clock_changes": [_change(change) for change in changes],
            }
        )
        return
    rows = [
        (f"{there:%a %Y-%m-%d %H:%M %Z}", f"{utc:%a %Y-%m-%d %H:%M}Z")
        for utc, there in zip(times, local, strict=True)
    ]
    print_table((timezone, "UTC"), rows, "It never runs.")
    for change in changes[:_MOST_CHANGES]:
        print_text(f"Note: {change}.")
    if len(changes) > _MOST_CHANGES:
        print_text(f"Note: {len(changes) - _MOST_CHANGES} more changes of the clock.")


def _change(change: ClockChange) -> dict[str, object]:
    return {"at": change.at, "shift_seconds": int(change.shift.total_seconds())}
