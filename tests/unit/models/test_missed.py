from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from netstacks_tasks.models.missed import (
    GRACE,
    MissedPolicy,
    decide,
    made_up,
    window_of,
)

SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def verdict(
    policy: MissedPolicy, late: timedelta, interval: timedelta, window: int | None = None
) -> str:
    return decide(
        policy=policy,
        window=window,
        scheduled_for=SUNDAY,
        now=SUNDAY + late,
        next_after=SUNDAY + interval,
    )


@pytest.mark.parametrize("policy", ["run_latest", "skip", "run_all"])
def test_a_run_that_is_hardly_late_runs(policy: MissedPolicy) -> None:
    assert verdict(policy, timedelta(), DAY) == "run"
    assert verdict(policy, GRACE, DAY) == "run"
    assert verdict(policy, GRACE, MINUTE) == "run"


def test_a_deployment_of_sunday_midnight_does_not_fire_on_monday_morning() -> None:
    assert verdict("skip", 31 * HOUR, 7 * DAY) == "missed"
    assert verdict("skip", GRACE + MINUTE, 7 * DAY) == "missed"


def test_run_all_runs_however_late() -> None:
    assert verdict("run_all", 400 * DAY, HOUR) == "run"


@pytest.mark.parametrize(
    ("late", "interval", "window", "expected"),
    [
        (10 * MINUTE, HOUR, None, "run"),
        (59 * MINUTE, HOUR, None, "run"),
        (HOUR, HOUR, None, "missed"),  # the next one has come
        (24 * HOUR, 7 * DAY, None, "run"),
        (24 * HOUR + MINUTE, 7 * DAY, None, "missed"),
        (10 * MINUTE, HOUR, 600, "run"),
        (10 * MINUTE, HOUR, 599, "missed"),
        (5 * DAY, 7 * DAY, 6 * 86_400, "run"),
        (90 * MINUTE, HOUR, 86_400, "missed"),  # not the latest
    ],
)
def test_run_latest(
    late: timedelta, interval: timedelta, window: int | None, expected: str
) -> None:
    assert verdict("run_latest", late, interval, window) == expected


def test_the_window_is_one_interval_up_to_a_day_unless_told() -> None:
    assert window_of(None, HOUR) == HOUR
    assert window_of(None, 7 * DAY) == DAY
    assert window_of(60, 7 * DAY) == MINUTE
    assert window_of(30 * 86_400, HOUR) == 30 * DAY


MISSED = [SUNDAY, SUNDAY + HOUR, SUNDAY + 2 * HOUR]


@pytest.mark.parametrize(
    ("policy", "late", "window", "expected"),
    [
        ("run_all", 30 * DAY, None, MISSED),
        ("skip", MINUTE, None, []),
        ("run_latest", 10 * MINUTE, None, MISSED[-1:]),
        ("run_latest", HOUR, None, MISSED[-1:]),
        ("run_latest", HOUR + MINUTE, None, []),
        ("run_latest", 5 * HOUR, 86_400, MISSED[-1:]),
    ],
)
def test_which_missed_times_run_after_all(
    policy: MissedPolicy, late: timedelta, window: int | None, expected: list[datetime]
) -> None:
    latest = MISSED[-1]
    chosen = made_up(
        policy=policy, window=window, missed=MISSED, now=latest + late, next_after=latest + HOUR
    )
    assert chosen == expected


@pytest.mark.parametrize("policy", ["run_latest", "skip", "run_all"])
def test_nothing_missed_nothing_made_up(policy: MissedPolicy) -> None:
    assert not made_up(policy=policy, window=None, missed=[], now=SUNDAY, next_after=SUNDAY + DAY)
