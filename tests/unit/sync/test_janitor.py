from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from prefect.client.schemas.objects import StateType

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.sync.flow_runs import SeenRun
from netstacks_tasks.sync.janitor import Janitor, Patience, Verdict, verdict

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


class Slow:
    """Prefect's runs, where each change takes its time."""

    def __init__(self) -> None:
        self.at_once = 0
        self.most = 0
        self.put_off: list[RunId] = []

    async def reschedule(self, run: SeenRun, **_: object) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.put_off.append(run.id)


async def test_many_dead_runs_are_mended_a_few_at_a_time_each_as_it_is_then() -> None:
    server = Slow()
    patience = Patience(unlocked=timedelta(0))
    janitor = Janitor(server, patience)  # type: ignore[arg-type]  # all that it asks for
    runs = [replace(RUN, id=RunId(UUID(int=number))) for number in range(20)]
    acted = await janitor.tidy(runs, set())
    assert [run.id for run, _ in acted] == [run.id for run in runs[:8]] == server.put_off
    assert server.most == 8
    # Those that came back to life meanwhile are left alone.
    left = [run for run in runs if run.id not in server.put_off]
    acted = await janitor.tidy(left, {run.id for run in left[:4]})
    assert [run.id for run, _ in acted] == [run.id for run in left[4:]]
