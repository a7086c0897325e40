"""The next runs, in the zone and in UTC, and the clock's changes among them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from netstacks_tasks.cli.main import execute
from netstacks_tasks.models import schedule_preview
from netstacks_tasks.models.clock_changes import clock_changes


class Clock(datetime):
    @classmethod
    def now(cls, _: object = None) -> datetime:  # type: ignore[override]  # it stands still
        return datetime(2026, 10, 30, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_day_is_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule_preview, "datetime", Clock)


def test_five_runs_across_the_end_of_summer_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["preview", "--cron", "0 2 * * *", "--timezone", "America/New_York"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "At 02:00 (America/New_York):",
        "America/New_York          UTC",
        "Sat 2026-10-31 02:00 EDT  Sat 2026-10-31 06:00Z",
        "Sun 2026-11-01 02:00 EST  Sun 2026-11-01 07:00Z",
        "Mon 2026-11-02 02:00 EST  Mon 2026-11-02 07:00Z",
        "Tue 2026-11-03 02:00 EST  Tue 2026-11-03 07:00Z",
        "Wed 2026-11-04 02:00 EST  Wed 2026-11-04 07:00Z",
        "Note: Sun 2026-11-01: the clock is put back from 02:00 to 01:00.",
    ]


def test_json_names_the_change(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["preview", "--cron", "0 2 * * *", "--timezone", "America/New_York", "--json"]
    assert execute(words) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["runs"][1] == {
        "utc": "2026-11-01T07:00:00Z",
        "local": "2026-11-01T02:00:00-05:00",
    }
    assert shown["clock_changes"] == [{"at": "2026-11-01T06:00:00Z", "shift_seconds": -3600}]


def test_a_zone_without_changes_has_no_note(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["preview", "--cron", "@daily", "--count", "400"]) == 0
    assert "Note" not in capsys.readouterr().out


def test_many_changes_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["preview", "--cron", "@yearly", "--timezone", "Europe/Berlin"]
    assert execute(words) == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Note")]
    assert len(notes) == 5
    assert notes[-1].endswith("more changes of the clock.")


def test_what_is_no_schedule_names_the_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["preview", "--cron", "0 0 2 * * *", "--timezone", "America/New_Yorck"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in told] == ["cron_expression", "timezone"]
    assert "America/New_York" in told[1]


@pytest.mark.parametrize(
    ("zone", "shifts"),
    [
        ("UTC", []),
        ("Europe/Berlin", [timedelta(hours=1), timedelta(hours=-1)]),
        ("Australia/Lord_Howe", [timedelta(minutes=-30), timedelta(minutes=30)]),
    ],
)
def test_the_changes_of_a_year(zone: str, shifts: list[timedelta]) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    found = list(clock_changes(zone, start, start + timedelta(days=365)))
    assert [change.shift for change in found] == shifts


def test_a_change_is_found_to_the_second() -> None:
    start = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
    (change,) = clock_changes("Europe/Berlin", start, start + timedelta(seconds=1))
    assert change.at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert list(clock_changes("Europe/Berlin", change.at, change.at + timedelta(days=30))) == []
