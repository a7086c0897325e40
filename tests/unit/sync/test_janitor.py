from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from prefect.client.schemas.objects import StateType

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.sync.flow_runs import SeenRun
from netstacks_tasks.sync.janitor import Patience, Verdict, verdict

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_LONG = timedelta(hours=1)
RUN = SeenRun(
    id=RunId(UUID(int=1)),
    task_id=TaskId(UUID(int=2)),
    state_type=StateType.RUNNING,
    state_name="Running",
    message="",
    state_at=_NOW,
    next_start=None,
    scheduled_for=_NOW,
    started_at=_NOW,
    ended_at=None,
    attempts=1,
    retries=1,
    retry_delay=5,
    retry_type=None,
    lease_id=None,
    scheduled=True,
    catch_up=False,
)
PAUSED_IN_PROCESS = replace(
    RUN, state_type=StateType.SCHEDULED, state_name="AwaitingRetry", retry_type="in_process"
)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (RUN, "retry"),
        (replace(RUN, attempts=2), "crash"),
        (replace(RUN, retries=None), "crash"),
        (replace(RUN, state_type=StateType.CANCELLING), "cancel"),
        (replace(RUN, state_type=StateType.PENDING), "resubmit"),
        (PAUSED_IN_PROCESS, "resume"),
        (replace(PAUSED_IN_PROCESS, retry_type=None), "alive"),
        (replace(PAUSED_IN_PROCESS, state_name="AwaitingConcurrencySlot"), "alive"),
    ],
)
def test_a_run_without_a_process_is_mended_by_its_state(run: SeenRun, expected: Verdict) -> None:
    patience = Patience()
    assert verdict(run, alive=False, unlocked_for=_LONG, patience=patience) == expected
    assert verdict(run, alive=True, unlocked_for=_LONG, patience=patience) == "alive"
    assert verdict(run, alive=False, unlocked_for=timedelta(0), patience=patience) == "alive"
