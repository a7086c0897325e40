"""Schedules that most tasks have, one click away."""

from __future__ import annotations

from typing import Final

PRESETS: Final = (
    ("Every 15 minutes", "*/15 * * * *"),
    ("Hourly", "0 * * * *"),
    ("Nightly 02:00", "0 2 * * *"),
    ("Weekdays 06:00", "0 6 * * 1-5"),
    ("Sunday 00:00", "0 0 * * 0"),
    ("First of the month", "0 3 1 * *"),
)
