from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models import schedule as schedule_module
from netstacks_tasks.models.schedule import Schedule, check_timezone, timezones

NEW_YORK = "America/New_York"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # a test's shorthand


def test_times_are_read_in_the_zone_and_told_in_utc() -> None:
    times = Schedule("0 2 * * *", NEW_YORK).next(5, utc(2026, 10, 30, 12))
    assert times == [
        utc(2026, 10, 31, 6),
        utc(2026, 11, 1, 7),
        utc(2026, 11, 2, 7),
        utc(2026, 11, 3, 7),
        utc(2026, 11, 4, 7),
    ]
    assert all(time.tzinfo is UTC for time in times)


def test_a_time_is_later_than_the_moment_it_is_asked_for() -> None:
    schedule = Schedule("0 * * * *")
    on_time = utc(2026, 1, 1, 12)
    assert schedule.next(1, on_time) == [utc(2026, 1, 1, 13)]
    assert schedule.next(1, on_time - timedelta(microseconds=1)) == [on_time]
    assert schedule.next(1, on_time + timedelta(microseconds=1)) == [utc(2026, 1, 1, 13)]


def test_a_moment_may_be_told_in_any_zone() -> None:
    east = datetime(2026, 1, 1, 14, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert Schedule("0 * * * *").next(1, east) == [utc(2026, 1, 1, 10)]


def test_a_reading_that_comes_twice_counts_the_first_time_only() -> None:
    # New York, 1 November 2026: 01:59 EDT is followed by 01:00 EST.
    assert Schedule("30 * * * *", NEW_YORK).next(3, utc(2026, 11, 1, 5)) == [
        utc(2026, 11, 1, 5, 30),
        utc(2026, 11, 1, 7, 30),
        utc(2026, 11, 1, 8, 30),
    ]


def test_asked_in_the_second_pass_nothing_of_the_first_is_told() -> None:
    second_pass = utc(2026, 11, 1, 6, 10)
    assert Schedule("30 1 * * *", NEW_YORK).next(1, second_pass) == [utc(2026, 11, 2, 6, 30)]


@pytest.mark.parametrize(
    ("moves_on", "moved"), [(False, utc(2026, 3, 8, 6, 30)), (True, utc(2026, 3, 8, 7, 30))]
)
def test_a_reading_that_never_comes_is_moved(
    monkeypatch: pytest.MonkeyPatch, moves_on: bool, moved: datetime
) -> None:
    # New York, 8 March 2026: 01:59 EST is followed by 03:00 EDT.
    monkeypatch.setattr(schedule_module, "_GAPS_MOVE_ON", moves_on)
    schedule = Schedule("30 2 * * *", NEW_YORK)
    following = [moved, utc(2026, 3, 9, 6, 30), utc(2026, 3, 10, 6, 30)]
    assert schedule.next(3, utc(2026, 3, 8, 5)) == following
    assert schedule.next(3, moved - timedelta(seconds=1)) == following
    assert schedule.next(2, moved) == following[1:]


@pytest.mark.parametrize("moves_on", [False, True])
def test_moved_readings_keep_the_order_and_come_once(
    monkeypatch: pytest.MonkeyPatch, moves_on: bool
) -> None:
    monkeypatch.setattr(schedule_module, "_GAPS_MOVE_ON", moves_on)
    start, end = utc(2026, 3, 8, 5), utc(2026, 3, 8, 9)
    times = Schedule("*/20 * * * *", NEW_YORK).between(start, end)
    assert times == [start + timedelta(minutes=20 * step) for step in range(1, 13)]


def test_a_change_of_half_an_hour() -> None:
    # Lord Howe, 5 April 2026: 01:59 +11:00 is followed by 01:30 +10:30.
    times = Schedule("45 1 * * *", "Australia/Lord_Howe").next(2, utc(2026, 4, 4, 0))
    assert times == [utc(2026, 4, 4, 14, 45), utc(2026, 4, 5, 15, 15)]


def test_march_begins_as_in_prefect() -> None:
    short = Schedule("0 0 1,15,30 * *").next(3, utc(2026, 2, 1))
    assert short == [utc(2026, 2, 15), utc(2026, 3, 15), utc(2026, 3, 30)]
    leap = Schedule("0 0 1,2,31 * *").next(3, utc(2028, 2, 1))
    assert leap == [utc(2028, 2, 2), utc(2028, 3, 2), utc(2028, 3, 31)]
    with_weekday = Schedule("0 0 1,31 * 0").next(3, utc(2026, 2, 15))
    assert with_weekday == [utc(2026, 2, 22), utc(2026, 3, 1), utc(2026, 3, 8)]


def test_between_takes_its_end_and_leaves_its_start() -> None:
    schedule = Schedule("0 * * * *")
    start, end = utc(2026, 1, 1, 1), utc(2026, 1, 1, 3)
    assert schedule.between(start, end) == [utc(2026, 1, 1, 2), end]
    assert schedule.between(end, start) == []
    assert schedule.between(start, start) == []


def test_an_hour_that_comes_twice_is_between_once() -> None:
    first_pass = utc(2026, 11, 1, 5, 30)
    second_pass_over = first_pass + timedelta(hours=2)
    assert Schedule("30 1 * * *", "America/New_York").between(first_pass, second_pass_over) == []


def test_a_rare_day_comes() -> None:
    assert Schedule("0 0 29 2 *").next(2, utc(2096, 3, 1)) == [utc(2104, 2, 29), utc(2108, 2, 29)]


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - what is tested
    with pytest.raises(InvalidInput, match="after: must say its timezone"):
        Schedule("@daily").next(1, naive)
    with pytest.raises(InvalidInput, match="after: must say its timezone"):
        Schedule("@daily").between(naive, utc(2026, 1, 2))
    with pytest.raises(InvalidInput, match="end: must say its timezone"):
        Schedule("@daily").between(utc(2026, 1, 1), naive)


@pytest.mark.parametrize("moment", [datetime.min, datetime.max, datetime(2200, 1, 1)])  # noqa: DTZ001, DTZ901 - made aware below
def test_a_moment_in_no_sensible_year_is_refused(moment: datetime) -> None:
    with pytest.raises(InvalidInput, match="between the years 1970 and 2199"):
        Schedule("@daily", NEW_YORK).next(1, moment.replace(tzinfo=UTC))


def test_both_faults_of_a_schedule_are_told() -> None:
    with pytest.raises(InvalidInput) as caught:
        Schedule("61 * * * *", "Mars")
    assert [problem.field for problem in caught.value.problems] == ["cron_expression", "timezone"]


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("America/NewYork", "did you mean America/New_York?"),
        ("new york", "did you mean America/New_York?"),
        ("europe/berlin", "did you mean Europe/Berlin"),
        ("Berlin", "did you mean Europe/Berlin?"),
        ("Mars", "use a name such as UTC"),
        ("UTC+2", "use a name such as UTC"),
        ("", "use a name such as UTC"),
        ("localtime", "use a name such as UTC"),
        ("../../etc/passwd", "use a name such as UTC"),
        ("x" * 1_000_000, "use a name such as UTC"),
    ],
    ids=lambda text: text[:20],
)
def test_an_unknown_zone_is_refused_with_what_is_near(name: str, suggested: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is what is tested
        check_timezone(name)
    assert suggested in str(caught.value)
    assert len(str(caught.value)) < 300


def test_well_known_zones_are_known() -> None:
    assert {"UTC", NEW_YORK, "Asia/Kolkata", "Australia/Lord_Howe"} <= timezones()


def test_repr_tells_what_it_is() -> None:
    assert repr(Schedule("0 2 * * *", NEW_YORK)) == f"Schedule('0 2 * * *', '{NEW_YORK}')"


@given(
    zone=st.sampled_from([NEW_YORK, "Australia/Lord_Howe", "Antarctica/Troll", "Asia/Kolkata"]),
    cron=st.sampled_from(["*/7 * * * *", "30 1-3 * * *", "0 0 1,31 * *", "15 2 * * 0", "@hourly"]),
    after=st.datetimes(
        datetime(2026, 1, 1),  # noqa: DTZ001 - made aware by the strategy
        datetime(2029, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
)
def test_times_follow_each_other(zone: str, cron: str, after: datetime) -> None:
    schedule = Schedule(cron, zone)
    times = schedule.next(8, after)
    assert times == sorted(set(times))
    assert times[0] > after
    assert schedule.between(after, times[-1]) == times
