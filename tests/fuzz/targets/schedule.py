"""A cron expression and a timezone: what is accepted has times, and a sentence."""

from __future__ import annotations

from datetime import UTC, datetime

from netstacks_tasks.models.due_minutes import due_minutes
from netstacks_tasks.models.schedule_preview import preview
from tests.fuzz.target import Target

_ZONES = ("UTC", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu")
_NOW = datetime(2026, 3, 7, 11, 30, tzinfo=UTC)


def _read(data: bytes) -> None:
    zone = _ZONES[data[0] % len(_ZONES)] if data else "nowhere"
    cron = data[1:].decode(errors="surrogateescape")
    told = preview(cron, zone, after=_NOW)
    times = [one.utc for one in told.runs]
    assert times == sorted(set(times)), "in order, each once"
    assert all(time > _NOW for time in times), "later than asked for"
    assert len(times) == 5, "a schedule goes on"
    assert told.sentence
    due_minutes(told.cron_expression, zone, _NOW)


TARGET = Target(
    name="schedule",
    read=_read,
    words=(
        "* ",
        "*/5 ",
        "0 ",
        "L",
        "L5",
        "5#2",
        "1-5",
        "mon",
        "jan",
        "?",
        "@daily",
        "@hourly",
        ",",
    ),
    longest=220,
)
