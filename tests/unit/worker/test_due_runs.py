"""Runs start in the order of their times, never before them, and only those that still exist."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import WorkerFlowRunResponse

from netstacks_tasks.worker.due_runs import DueRuns

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


def run(seconds: float) -> WorkerFlowRunResponse:
    return WorkerFlowRunResponse(
        work_pool_id=uuid4(),
        work_queue_id=uuid4(),
        flow_run=FlowRun(
            id=uuid4(),
            flow_id=uuid4(),
            next_scheduled_start_time=NOW + timedelta(seconds=seconds),
        ),
    )


def ids(runs: list[WorkerFlowRunResponse]) -> list[UUID]:
    return [one.flow_run.id for one in runs]


@given(st.lists(st.integers(-100, 100), max_size=12), st.none() | st.integers(0, 12))
def test_what_is_taken_is_due_longest_due_first_and_taken_once(
    times: list[int], most: int | None
) -> None:
    runs = [run(seconds) for seconds in times]
    due = DueRuns()
    due.replace(runs)
    first = due.take(NOW, most)
    rest = due.take(NOW)
    wanted = [one for seconds, one in sorted(zip(times, runs, strict=True), key=lambda p: p[0])]
    expected = [one for one in wanted if one.flow_run.next_scheduled_start_time <= NOW]  # type: ignore[operator]
    assert ids(first) + ids(rest) == ids(expected)
    assert len(first) == (len(expected) if most is None else min(most, len(expected)))
    assert due.take(NOW) == []


def test_the_next_time_is_known() -> None:
    due = DueRuns()
    assert due.until_next(NOW) is None
    due.replace([run(30), run(10.5)])
    assert due.until_next(NOW) == 10.5
    assert due.until_next(NOW + timedelta(seconds=60)) == 0


def test_an_answer_replaces_the_one_before() -> None:
    due = DueRuns()
    gone, started, kept = run(-1), run(-2), run(-3)
    due.replace([gone])
    due.replace([started, kept], except_for={started.flow_run.id})
    assert due.take(NOW) == [kept]
