"""What the demo waits for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from netstacks_tasks.demo.runs import DemoRuns
from netstacks_tasks.models.runs import Trigger
from netstacks_tasks.store import runs, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.runs import FinalState
from tests.integration.store import samples
from tests.integration.store.samples import run_id, task


@pytest.mark.parametrize("state", runs.FINAL_STATES)
async def test_the_first_run_by_schedule_is_one_that_ran(
    database: Database, state: FinalState
) -> None:
    await samples.fill(database)
    made = await tasks.create(database, task())
    await runs.record_missed(database, made.id, _at(1), "Nothing could run at this time.")
    ended: list[tuple[int, Trigger, FinalState]] = [
        (-1, "schedule", "completed"),
        (2, "catch_up", "completed"),
        (3, "schedule", state),
        (4, "schedule", "completed"),
    ]
    for minute, trigger, final in ended:
        key = run_id(str(minute))
        await runs.upsert_run(database, key, made.id, trigger=trigger, scheduled_for=_at(minute))
        await runs.finish_run(database, key, final)
    found = await DemoRuns(database, "http://127.0.0.1:1").fired(made, after=_at(0))
    assert (found.id, found.state) == (run_id("3"), state)


def _at(minute: int) -> datetime:
    return datetime(2026, 11, 24, 12, tzinfo=UTC) + timedelta(minutes=minute)
