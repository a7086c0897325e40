"""What a schedule means, in words and times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.cron import ALIASES
from netstacks_tasks.models.cron_words import in_words
from netstacks_tasks.models.schedule_preview import preview

_BEFORE_THE_CLOCK_IS_PUT_ON = datetime(2026, 3, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "sentence"),
    [
        ("0 2 * * *", "At 02:00"),
        ("*/15 * * * 1-5", "Every 15 minutes, Monday through Friday"),
        ("0 9 * * 5#2", "At 09:00, on the second Friday of the month"),
        ("5 4 L * ?", "At 04:05, on the last day of the month"),
        ("@daily", "At 00:00"),
    ],
)
def test_words(cron: str, sentence: str) -> None:
    assert in_words(cron) == sentence


def test_every_alias_has_words() -> None:
    assert all(in_words(alias) for alias in ALIASES)


def test_a_change_of_the_clock_is_told() -> None:
    shown = preview("30 2 * * *", "America/New_York", 3, _BEFORE_THE_CLOCK_IS_PUT_ON)
    assert shown.sentence == "At 02:30 (America/New_York)"
    assert [run.utc.hour for run in shown.runs] == [7, 6, 6]
    assert shown.runs[0].local.isoformat() == "2026-03-07T02:30:00-05:00"
    assert shown.notes == ("Sun 2026-03-08: the clock is put on from 02:00 to 03:00.",)
    assert preview("30 2 * * *", "UTC", 3, _BEFORE_THE_CLOCK_IS_PUT_ON).notes == ()


def test_what_is_no_schedule_is_refused_by_field() -> None:
    with pytest.raises(InvalidInput) as refused:
        preview("61 * * * *", "Mars/Olympus")
    assert [one.field for one in refused.value.problems] == ["cron_expression", "timezone"]
