"""How values read on the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from netstacks_tasks.models.cron_words import in_words

# The last form is what is left of one whose first character was replaced on its way here.
_ANSI: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|\ufffd\[[\d;]*m"
)

_STATES: Final = {
    "scheduled": "Queued",
    "pending": "Pending",
    "running": "Running",
    "retrying": "Waiting to retry",
    "completed": "Completed",
    "failed": "Failed",
    "timed_out": "Timed out",
    "cancelled": "Cancelled",
    "crashed": "Crashed",
    "missed": "Missed",
}
_TRIGGERS: Final = {
    "schedule": "Schedule",
    "manual": "By hand",
    "catch_up": "Made up for a missed time",
}
_TYPES: Final = {
    "deployment": "Deployment",
    "backup": "Backup",
    "health_check": "Health check",
    "custom_script": "Script",
    "agent_task": "NOC agent",
}


def when(moment: datetime | None, zone: str = "UTC") -> str:
    """A time on a zone's clock: `Wed 25 Nov 02:00 EST`; with its year unless it is this one."""
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(zone))
    year = "" if local.year == datetime.now(UTC).year else f" {local.year}"
    return f"{local:%a %d %b}{year} {local:%H:%M} {local.tzname()}"


def to_the_second(moment: datetime | None, zone: str = "UTC") -> str:
    """`2026-11-25 02:00:07 EST`."""
    return "" if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S %Z}"


def clock(moment: datetime, zone: str = "UTC") -> str:
    """`02:00:07`."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M:%S}"


def iso(moment: datetime) -> str:
    """For `datetime` attributes."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def span(length: timedelta | None) -> str:
    """`3 s`, `4 min 10 s`, `2 h 5 min`."""
    if length is None:
        return ""
    seconds = max(int(length.total_seconds()), 0)
    minutes, rest = divmod(seconds, 60)
    hours, left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def ago(moment: datetime | None) -> str:
    """`5 min ago`, `in 2 h 10 min`."""
    if moment is None:
        return ""
    distance = datetime.now(UTC) - moment
    if distance < timedelta():
        return f"in {_rough(-distance)}"
    return f"{_rough(distance)} ago"


def _rough(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if seconds >= 172_800:
        return f"{seconds // 86_400} days"
    if seconds >= 3600:
        hours, minutes = seconds // 3600, seconds % 3600 // 60
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"


def type_name(task_type: str) -> str:
    """A task's type as people call it."""
    return _TYPES[task_type]


def state_name(state: str) -> str:
    """How a run stands, as people call it."""
    return _STATES[state]


def trigger_name(trigger: str) -> str:
    """What made a run begin."""
    return _TRIGGERS[trigger]


def counted(number: int, one: str, many: str = "") -> str:
    """`1 task`, `2 tasks`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def visible(text: str) -> str:
    """Without what would colour a terminal, and with a sign for other control characters."""
    plain = _ANSI.sub("", text.replace("\r\n", "\n"))
    return "".join(
        one if one.isprintable() or one in "\n\t" else "\N{REPLACEMENT CHARACTER}" for one in plain
    )


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "when": when,
    "iso": iso,
    "span": span,
    "ago": ago,
    "type_name": type_name,
    "to_the_second": to_the_second,
    "clock": clock,
    "state_name": state_name,
    "trigger_name": trigger_name,
    "counted": counted,
    "visible": visible,
    "in_words": in_words,
}
"""Of the templates."""
