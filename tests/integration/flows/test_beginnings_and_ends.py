"""Runs that must not begin, and attempts that do not end by themselves."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prefect import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import TerminationSignal

from flows import _gate
from flows._run import Clock, recorded_attempt
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store import tasks

from .running import Ran, beginning_with, create, execute, process_of, run
from .world import World


async def scheduled(task_id: str, due: datetime) -> FlowRun:
    """A flow run as Prefect's scheduler makes it for a time of a deployment."""
    async with get_client() as client:
        flow_id = await client.create_flow_from_name("backup")
        deployment_id = await client.create_deployment(
            flow_id,
            name=f"of {task_id}",
            parameters={"task_id": task_id},
            schedules=[
                DeploymentScheduleCreate(
                    schedule=CronSchedule(cron=f"{due.minute} {due.hour} * * *", timezone="UTC")
                )
            ],
        )
        # The scheduler makes no runs for the past; it had made this one in time.
        await client.request(
            "POST",
            "/deployments/{id}/schedule",
            path_params={"id": deployment_id},
            json={
                "start_time": (due - timedelta(minutes=1)).isoformat(),
                "end_time": (due + timedelta(minutes=1)).isoformat(),
            },
        )
        runs = await client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))
        )
        (made,) = [
            flow_run
            for flow_run in runs
            if flow_run.expected_start_time is not None
            and flow_run.expected_start_time.timestamp() == due.timestamp()
        ]
    return made


async def run_scheduled(task_id: str, due: datetime) -> Ran:
    flow_run = await scheduled(task_id, due)
    ran = await execute(flow_run.id, "backup")
    assert flow_run.deployment_id is not None
    async with get_client() as client:
        await client.delete_deployment(flow_run.deployment_id)
    return ran


async def test_a_missed_time_does_nothing_and_is_recorded(world: World) -> None:
    due = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=9)
    task_id = await world.backup_task()
    yesterday = due - timedelta(days=1)
    await world.rows("UPDATE tasks SET updated_at = %s RETURNING id", yesterday)
    ran = await run_scheduled(task_id, due)
    assert (ran.state.is_cancelled(), ran.state.name) == (True, "Missed")
    (row,) = await world.rows("SELECT * FROM task_runs")
    assert (row["state"], row["scheduled_for"], row["id"]) == ("missed", due, ran.id)
    assert not world.counts("core-rtr-01").connections
    assert not await world.rows("SELECT * FROM run_attempts")


async def test_the_scheduler_skips_a_disabled_task_and_people_do_not(world: World) -> None:
    task_id = await world.backup_task(enabled=False)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    ran = await run_scheduled(task_id, now)
    assert (ran.state.is_cancelled(), ran.state.name) == (True, "Disabled")
    by_hand = await run("backup", task_id)
    assert by_hand.state.is_completed(), by_hand.state.message


async def test_a_time_that_has_just_come_is_run(world: World) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    ran = await run_scheduled(await world.backup_task(), now)
    assert ran.state.is_completed(), ran.state.message
    (row,) = await world.rows("SELECT * FROM task_runs")
    assert (row["trigger"], row["scheduled_for"]) == ("schedule", now)


async def test_a_killed_run_keeps_what_it_got_and_its_next_attempt_goes_on(world: World) -> None:
    await world.break_device("core-frr-01", "hang")
    run_id = await create("backup", await world.backup_task())
    running = asyncio.ensure_future(execute(run_id, "backup"))
    while (
        len(
            await world.rows(
                "SELECT DISTINCT device_name FROM device_results WHERE item = 'running'"
            )
        )
        < 3
    ):
        assert not running.done(), running.result().output
        await asyncio.sleep(0.1)
    os.kill(process_of(run_id), signal.SIGKILL)
    assert (await running).exit_code == -signal.SIGKILL

    await world.fleet.operations.heal({})
    ran = await execute(run_id, "backup")
    assert ran.state.is_completed(), ran.output
    assert {world.counts(f"core-rtr-0{number}").logins for number in (1, 2, 3)} == {1}
    attempts = await world.rows("SELECT attempt, outcome FROM run_attempts ORDER BY attempt")
    assert [row["outcome"] for row in attempts] == ["crashed", "completed"]


_STUCK = """\
import importlib.abc, sys
class Replaced(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "flows._run":
            return None
        import asyncio, time
        from flows import _watchdog
        import netstacks_tasks.operations.backup as backup
        _watchdog.GRACE_SECONDS = %s
        async def stuck(*_):
            %s
        backup.back_up = stuck
        return None
sys.meta_path.insert(0, Replaced())
"""


def stuck_in(statement: str, folder: Path, *, grace: float = 30) -> dict[str, str]:
    """An environment in which a backup never gets further than a statement."""
    return beginning_with(_STUCK % (grace, statement), folder)


async def test_an_attempt_that_cannot_be_cancelled_is_killed(world: World, tmp_path: Path) -> None:
    environment = stuck_in("time.sleep(600)", tmp_path, grace=1)
    ran = await run("backup", await world.backup_task(), timeout=5, environment=environment)
    assert ran.exit_code == -signal.SIGKILL
    assert "still running after 6 seconds: killed" in ran.output


async def test_an_attempt_that_takes_too_long_is_ended_and_retried(
    world: World, tmp_path: Path
) -> None:
    environment = stuck_in("await asyncio.sleep(600)", tmp_path)
    ran = await run(
        "backup", await world.backup_task(), timeout=5, retries=1, environment=environment
    )
    assert (ran.state.is_failed(), ran.state.name) == (True, "TimedOut")
    attempts = await world.rows("SELECT outcome FROM run_attempts ORDER BY attempt")
    assert [row["outcome"] for row in attempts] == ["timed_out", "timed_out"]


async def test_an_attempt_told_to_end_says_so(world: World) -> None:
    await world.break_device("core-frr-01", "hang")
    run_id = await create("backup", await world.backup_task())
    running = asyncio.ensure_future(execute(run_id, "backup"))
    while not await world.rows("SELECT 1 FROM device_results"):
        assert not running.done(), running.result().output
        await asyncio.sleep(0.1)
    os.kill(process_of(run_id), signal.SIGTERM)
    ran = await running
    assert ran.state.is_crashed(), ran.output
    (attempt,) = await world.rows("SELECT outcome FROM run_attempts")
    assert attempt["outcome"] == "crashed", ran.output


@pytest.mark.parametrize(
    "raised",
    [TerminationSignal(15), BaseExceptionGroup("of a task group", [TerminationSignal(15)])],
    ids=["in the flow", "in a task group"],
)
async def test_a_signal_that_is_raised_inside_the_operation_is_recorded(
    world: World, raised: BaseException
) -> None:
    task_id = await world.backup_task()
    run_id = await create("backup", task_id)
    async with get_client() as client:
        flow_run = (await client.read_flow_run(run_id)).model_copy(update={"run_count": 1})
    await _gate.register(world.db, await tasks.get(world.db, TaskId(UUID(task_id))), flow_run)
    with pytest.raises(type(raised)):
        async with recorded_attempt(world.db, flow_run, Clock(time.monotonic(), 60)):
            raise raised
    (attempt,) = await world.rows("SELECT outcome FROM run_attempts")
    assert attempt["outcome"] == "crashed"
