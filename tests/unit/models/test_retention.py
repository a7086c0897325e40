"""The retention policy as a value: what is read, and how a task's own is laid over it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.retention import (
    BEGINNING,
    YOUNGEST,
    RetentionOverride,
    RetentionPolicy,
    older_than,
)
from netstacks_tasks.settings import Settings, load_settings

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_days_are_a_number_or_for_ever() -> None:
    read = RetentionOverride(run_days="30", log_days=" Forever ", version_days=0)
    assert (read.run_days, read.log_days, read.version_days) == (30, "forever", 0)


@pytest.mark.parametrize("days", ["-1", "1.5", "", "for ever", "36501", "9" * 5000, "²", True, -3])
def test_other_days_are_refused(days: object) -> None:
    with pytest.raises(ValidationError, match="a number of days from 0 to 36500, or forever"):
        RetentionOverride(run_days=days)


def test_none_may_not_be_kept() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        RetentionOverride(versions_kept=0)


def test_the_settings_name_each_bad_variable_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSTACKS_RETENTION_RUN_DAYS", "a week")
    monkeypatch.setenv("NETSTACKS_RETENTION_RUNS_KEPT", "0")
    monkeypatch.setenv("NETSTACKS_RETENTION_AUDIT_DAYS", "-1")
    with pytest.raises(InvalidInput) as caught:
        load_settings()
    assert sorted(problem.field for problem in caught.value.problems) == [
        "NETSTACKS_RETENTION_AUDIT_DAYS",
        "NETSTACKS_RETENTION_RUNS_KEPT",
        "NETSTACKS_RETENTION_RUN_DAYS",
    ]


def test_the_settings_are_the_policy_of_all_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSTACKS_RETENTION_LOG_DAYS", "forever")
    monkeypatch.setenv("NETSTACKS_RETENTION_RUN_DAYS", "7")
    assert Settings().retention == RetentionPolicy(
        run_days=7, runs_kept=20, log_days="forever", version_days=365, versions_kept=20
    )


def test_what_a_task_has_of_its_own_comes_first() -> None:
    policy = RetentionPolicy(
        run_days=30, runs_kept=5, log_days=7, version_days=365, versions_kept=9
    )
    own = RetentionOverride(run_days=0, log_days="forever")
    assert policy.changed_by(own) == RetentionPolicy(
        run_days=0, runs_kept=5, log_days="forever", version_days=365, versions_kept=9
    )
    assert policy.changed_by(None) == policy


def test_nothing_goes_that_is_younger_than_an_hour() -> None:
    assert older_than(30, NOW) == NOW - timedelta(days=30)
    assert older_than(0, NOW) == NOW - YOUNGEST == NOW - timedelta(hours=1)
    assert older_than("forever", NOW) == BEGINNING
