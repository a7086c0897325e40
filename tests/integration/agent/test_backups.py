"""Which devices missed their last backup window, from a real history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.models.due_times import due_times
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.schedule import Schedule
from netstacks_tasks.models.task import Task
from netstacks_tasks.operations.agent.tools.missed_backups import missed_backups
from netstacks_tasks.operations.agent.tools.selection import Inventory, Selection
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.store import inventory, runs, tasks
from netstacks_tasks.store.agent_records import AgentRecords
from netstacks_tasks.store.database import Database
from tests.integration.store import samples
from tests.integration.store.samples import R1, R2, backup_of, task


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = utc("2026-11-25 07:00")
LAST_NIGHT = utc("2026-11-25 02:00")


class History:
    """Makes a history at times of the test's own."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def task(self, name: str = "Nightly", **fields: Any) -> Task:  # noqa: ANN401 - of a task
        """A task that was there long before."""
        quick = {"max_retries": 1, "retry_delay_seconds": 60, "timeout_seconds": 600}
        made = await tasks.create(self.db, task(name, **{**quick, **fields}))
        await self.age(made, NOW - timedelta(days=400))
        return await tasks.get(self.db, made.id)

    async def age(self, made: Task, created: datetime, edited: datetime | None = None) -> None:
        async with self.db.transaction() as connection:
            await connection.execute(
                "UPDATE tasks SET created_at = %s, updated_at = %s WHERE id = %s",
                (created, edited or created, made.id),
            )

    async def run(
        self, made: Task, due: datetime, state: str = "completed", **results: str | None
    ) -> RunId:
        """A run for a time; a device is good with "" and failed with a reason."""
        run_id = RunId(uuid4())
        await runs.upsert_run(self.db, run_id, made.id, trigger="schedule", scheduled_for=due)
        ended = None if state in {"running", "retrying"} else due + timedelta(minutes=5)
        for name, reason in results.items():
            device = {"r1": R1, "r2": R2}[name]
            await runs.record_result(
                self.db,
                run_id,
                DeviceResult(
                    device_id=device.id,
                    device_name=device.name,
                    item="running",
                    ok=not reason,
                    summary=reason or "unchanged",
                    stage="connect" if reason else None,
                    cause="refused" if reason else None,
                ),
            )
        async with self.db.transaction() as connection:
            await connection.execute(
                "UPDATE task_runs SET state = %s, ended_at = %s, message = 'because' WHERE id = %s",
                (state, ended, run_id),
            )
            await connection.execute(
                "UPDATE device_results SET recorded_at = %s WHERE run_id = %s",
                (due + timedelta(minutes=1), run_id),
            )
        return run_id

    async def ask(self, now: datetime = NOW, **wanted: str) -> dict[str, Any]:
        found = Inventory(await inventory.devices(self.db))
        tool = missed_backups(found, AgentRecords(self.db, normalise), lambda: now)
        return dict(await tool.call(Selection(**wanted), Deadline.after(10)))

    async def verdicts(self, now: datetime = NOW) -> dict[str, str]:
        return {row["device"]: row["status"] for row in (await self.ask(now))["devices"]}


@pytest.fixture
async def history(database: Database) -> History:
    await samples.fill(database)
    return History(database)


async def test_who_has_one_who_has_none_and_why(history: History) -> None:
    nightly = await history.task()
    good = await history.run(nightly, LAST_NIGHT - timedelta(days=1), r1="", r2="")
    bad = await history.run(nightly, LAST_NIGHT, "failed", r1="", r2="port 22 refuses")
    found = await history.ask()
    assert (found["ok"], found["missed"], found["still_running"]) == (1, 1, 0)
    assert found["devices"] == [
        {
            "device": "r2",
            "status": "missed",
            "task": "Nightly",
            "due": "2026-11-25 02:00 UTC",
            "due_local": "Wed 2026-11-25 02:00 UTC",
            "why": "running: connect: refused: port 22 refuses",
            "last_good_backup": "2026-11-24 02:01 UTC",
            "run": str(bad),
        }
    ]
    assert good != bad
    assert (await history.ask(device="r1"))["missed"] == 0
    assert (await history.ask(group="core"))["missed"] == 1


async def test_a_later_run_mends_it(history: History) -> None:
    nightly = await history.task()
    await history.run(nightly, LAST_NIGHT, "failed", r1="no", r2="no")
    await history.run(nightly, LAST_NIGHT + timedelta(hours=2), "failed", r1="", r2="still no")
    assert await history.verdicts() == {"r2": "missed"}
    (row,) = (await history.ask())["devices"]
    assert "still no" in row["why"]


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("missed", "nothing could run it: because"),
        ("cancelled", "the run ended cancelled before it reached the device: because"),
        ("crashed", "the run ended crashed before it reached the device: because"),
        ("completed", "the run did not include it: was it added to the target later?"),
        (None, "no run is known for that time: is a worker running? (netstacks doctor)"),
    ],
)
async def test_a_window_without_a_result_says_why(
    history: History, state: str | None, why: str
) -> None:
    nightly = await history.task()
    if state is not None:
        await history.run(nightly, LAST_NIGHT, state)
    rows = (await history.ask())["devices"]
    assert [row["status"] for row in rows] == ["missed", "missed"]
    assert {row["why"] for row in rows} == {why}
    assert {row["last_good_backup"] for row in rows} == {"never by this task"}


async def test_a_run_under_way_is_told_as_one(history: History) -> None:
    nightly = await history.task()
    await history.run(nightly, LAST_NIGHT - timedelta(days=1), "failed", r1="", r2="no")
    await history.run(nightly, LAST_NIGHT, "retrying", r1="", r2="no")
    soon = LAST_NIGHT + timedelta(minutes=10)
    # Last night's window is open yet; of the night before, r2 has nothing.
    assert await history.verdicts(soon) == {"r2": "running"}
    # Past all its retries it still says that it works.
    assert await history.verdicts() == {"r2": "running"}


async def test_a_window_closes_with_its_run_or_when_its_time_is_over(history: History) -> None:
    nightly = await history.task()
    await history.run(nightly, LAST_NIGHT - timedelta(days=1), r1="", r2="")
    # 2 attempts of 600 s, a pause of 60 s, and 2 minutes of grace.
    over = LAST_NIGHT + timedelta(seconds=2 * 600 + 60 + 120)
    assert await history.verdicts(over - timedelta(seconds=1)) == {}
    assert await history.verdicts(over) == {"r1": "missed", "r2": "missed"}
    await history.run(nightly, LAST_NIGHT, "failed", r1="", r2="no")
    assert await history.verdicts(over - timedelta(seconds=1)) == {"r2": "missed"}


async def test_a_task_that_had_no_chance_yet_accuses_nobody(history: History) -> None:
    nightly = await history.task()
    await history.age(nightly, NOW - timedelta(hours=1))
    found = await history.ask()
    assert found["devices"] == []
    (told,) = found["tasks_without_a_window_yet"]
    assert (told["task"], told["devices"]) == ("Nightly", 2)
    # Edited since, its schedule may have been another: only a known run counts.
    await history.age(nightly, NOW - timedelta(days=9), NOW - timedelta(hours=1))
    assert await history.verdicts() == {}
    await history.run(nightly, LAST_NIGHT, "missed")
    assert await history.verdicts() == {"r1": "missed", "r2": "missed"}


async def test_devices_of_no_task_and_of_tasks_that_are_off_are_told_apart(
    history: History,
) -> None:
    stranger = samples.device("stranger", group=None, credential=False)
    await samples.fill(history.db, *samples.EVERYTHING, stranger)
    off = await history.task("Off", enabled=False, parameters=backup_of(R2.id, "device"))
    await history.task("On", parameters=backup_of(R1.id, "device"))
    await history.run(off, LAST_NIGHT - timedelta(days=30), r2="")
    found = await history.ask()
    assert found["in_no_backup_task"] == ["stranger"]
    assert found["only_in_disabled_backup_tasks"] == ["r2"]
    assert [row["device"] for row in found["devices"]] == ["r1"]


async def test_a_device_of_two_tasks_is_judged_by_each(history: History) -> None:
    nightly = await history.task()
    hourly = await history.task("Hourly", cron_expression="0 * * * *")
    await history.run(nightly, LAST_NIGHT, r1="", r2="")
    await history.run(hourly, NOW - timedelta(hours=1), "failed", r1="", r2="no")
    found = await history.ask()
    assert [(row["device"], row["task"]) for row in found["devices"]] == [("r2", "Hourly")]
    assert (found["ok"], found["missed"]) == (3, 1)


@pytest.mark.parametrize(
    ("cron", "timezone", "now", "due"),
    [
        # 02:00 in New York is 07:00 UTC in winter and 06:00 in summer.
        ("0 2 * * *", "America/New_York", "2026-03-07 12:00", "2026-03-07 07:00"),
        ("0 2 * * *", "America/New_York", "2026-03-09 12:00", "2026-03-09 06:00"),
        # 01:30 comes twice that night, and counts the first time.
        ("30 1 * * *", "America/New_York", "2026-11-01 12:00", "2026-11-01 05:30"),
        # Of a zone ahead of UTC the last night is still the day before.
        ("0 2 * * *", "Asia/Kolkata", "2026-11-25 07:00", "2026-11-24 20:30"),
        ("0 7 * * 1-5", "UTC", "2026-11-22 12:00", "2026-11-20 07:00"),
        ("0 3 1 * *", "UTC", "2026-11-25 07:00", "2026-11-01 03:00"),
        ("0 3 15 1 *", "UTC", "2026-11-25 07:00", "2026-01-15 03:00"),
    ],
)
async def test_the_last_window_is_that_of_the_tasks_own_clock(
    history: History, cron: str, timezone: str, now: str, due: str
) -> None:
    moment = utc(now)
    nightly = await history.task(cron_expression=cron, timezone=timezone)
    await history.run(nightly, utc(due), "failed", r1="", r2="no")
    (row,) = (await history.ask(moment))["devices"]
    assert (row["device"], row["due"]) == ("r2", f"{utc(due):%Y-%m-%d %H:%M} UTC")
    assert row["due_local"].endswith(timezone)


def test_due_times_go_back_as_far_as_they_are_asked_for() -> None:
    every = Schedule("*/15 * * * *", "Europe/Berlin")
    since = NOW - timedelta(days=3)
    found = list(due_times(every, NOW, since))
    assert found == sorted(found, reverse=True)
    assert (found[0], found[-1], len(found)) == (NOW, since, 3 * 96 + 1)
    assert len(set(found)) == len(found)
    leap = Schedule("0 0 29 2 *", "UTC")
    (only,) = due_times(leap, NOW, NOW - timedelta(days=1500))
    assert only == utc("2024-02-29 00:00")
