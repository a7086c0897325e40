"""How values read on the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

_TYPES: Final = {
    "deployment": "Deployment",
    "backup": "Backup",
    "health_check": "Health check",
    "custom_script": "Script",
    "agent_task": "NOC agent",
}


def when(moment: datetime | None, zone: str = "UTC") -> str:
    """A time on a zone's clock: `Wed 25 Nov 02:00 EST`."""
    return "" if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%a %d %b %H:%M %Z}"


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


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "when": when,
    "iso": iso,
    "span": span,
    "ago": ago,
    "type_name": type_name,
}
"""Of the templates."""
