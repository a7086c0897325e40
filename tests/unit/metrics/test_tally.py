from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from netstacks_tasks.metrics.tally import Tally
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.store.measures import EndedRun, FailureCount

BEGAN = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def ended(at: datetime, took: float = 7, run_id: RunId | None = None) -> EndedRun:
    return EndedRun(
        id=run_id or RunId(uuid4()),
        task_type="backup",
        state="completed",
        started_at=at - timedelta(seconds=took),
        ended_at=at,
    )


def look(tally: Tally, runs: list[EndedRun], open_runs: list[RunId], now: datetime) -> None:
    tally.add(tally.fresh(runs), [], open_runs, now)


def test_a_run_that_two_looks_find_is_counted_once() -> None:
    tally = Tally(BEGAN)
    run = ended(BEGAN + MINUTE)
    look(tally, [run], [], BEGAN + MINUTE)
    assert tally.since(BEGAN + 2 * MINUTE) < run.ended_at
    look(tally, [run, ended(BEGAN + 2 * MINUTE)], [], BEGAN + 2 * MINUTE)
    assert tally.runs["backup", "completed"] == 2
    assert tally.seconds["backup"] == 14
    assert tally.durations["backup"] == {15.0: 2}


def test_a_run_whose_end_is_written_late_is_counted_and_only_once() -> None:
    """The sync was away: the end that it writes lies before everything that is looked at."""
    tally = Tally(BEGAN)
    run_id = RunId(uuid4())
    late = ended(BEGAN + MINUTE, run_id=run_id)
    look(tally, [], [run_id], BEGAN + MINUTE)
    assert tally.watched == {run_id}
    now = BEGAN + 30 * MINUTE
    assert tally.since(now) <= now - timedelta(minutes=2)
    look(tally, [], [run_id], now)
    assert tally.since(now) > late.ended_at
    look(tally, [late], [], now + MINUTE)
    assert tally.runs["backup", "completed"] == 1
    assert tally.watched == set()
    # Those that were counted are not kept for ever, and nothing asks for them again.
    look(tally, [], [], now + 5 * MINUTE)
    look(tally, [], [], now + 10 * MINUTE)
    assert tally.fresh([late]) == [late]


def test_what_ended_between_the_two_statements_of_a_look_is_not_counted_twice() -> None:
    tally = Tally(BEGAN)
    run_id = RunId(uuid4())
    run = ended(BEGAN + MINUTE, run_id=run_id)
    # Open when the open ones were read, over when the ended ones were.
    look(tally, [run], [run_id], BEGAN + MINUTE)
    assert tally.watched == set()
    look(tally, [run], [], BEGAN + 2 * MINUTE)
    assert tally.runs["backup", "completed"] == 1


def test_a_missed_time_has_no_duration_and_a_long_run_the_last_bucket() -> None:
    tally = Tally(BEGAN)
    missed = EndedRun(
        id=RunId(uuid4()), task_type="backup", state="missed", started_at=BEGAN, ended_at=BEGAN
    )
    look(tally, [missed, ended(BEGAN + MINUTE, took=5000)], [], BEGAN + MINUTE)
    assert tally.runs == {("backup", "missed"): 1, ("backup", "completed"): 1}
    assert tally.durations["backup"] == {float("inf"): 1}


def test_failures_have_a_place_even_when_nobody_said_where() -> None:
    tally = Tally(BEGAN)
    counts = [
        FailureCount(task_type="backup", stage="connect", cause="refused", failures=2),
        FailureCount(task_type="backup", stage=None, cause=None, failures=1),
    ]
    tally.add([], counts, [], BEGAN)
    assert tally.failures["backup", "connect", "refused"] == 2
    assert tally.failures["backup", "unknown", "unknown"] == 1


def test_after_hours_without_a_scrape_only_the_last_one_is_read() -> None:
    tally = Tally(BEGAN)
    now = BEGAN + timedelta(hours=30)
    assert tally.since(now) == now - timedelta(hours=1)
