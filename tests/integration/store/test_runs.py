"""The history: attempts, results, missed times, pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.store import runs, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.runs import HistoryKey
from tests.integration.store import samples
from tests.integration.store.samples import R1, R2, run_id, task

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def a_task(db: Database, name: str = "Backup") -> TaskId:
    await samples.fill(db)
    return (await tasks.create(db, task(name))).id


async def a_run(db: Database, task_id: TaskId, name: str = "one", hour: int = 0) -> RunId:
    key = run_id(name)
    at = NOON + timedelta(hours=hour)
    await runs.upsert_run(db, key, task_id, trigger="schedule", scheduled_for=at)
    return key


def result(device: object = R1, **more: object) -> DeviceResult:
    fields = {"item": "running", "ok": True, "summary": "fine"} | more
    return DeviceResult(
        device_id=device.id,  # type: ignore[attr-defined]  # a device
        device_name=device.name,  # type: ignore[attr-defined]
        **fields,  # type: ignore[arg-type]
    )


async def test_a_run_is_recorded_once(database: Database) -> None:
    task_id = await a_task(database)
    key = await a_run(database, task_id)
    await runs.upsert_run(database, key, task_id, trigger="manual", scheduled_for=NOON)
    (found,) = await runs.history(database, task_id)
    assert (found.id, found.trigger, found.state) == (key, "schedule", "pending")
    assert (found.task_name, found.task_type) == ("Backup", "backup")
    assert await runs.get(database, key) == found
    assert await runs.find(database, run_id("none")) is None
    with pytest.raises(NotFound, match="no run"):
        await runs.get(database, run_id("none"))
    with pytest.raises(NotFound, match="no task"):
        await runs.upsert_run(
            database, run_id("x"), TaskId(uuid4()), trigger="manual", scheduled_for=NOON
        )


async def test_attempts_are_kept(database: Database) -> None:
    key = await a_run(database, await a_task(database))
    await runs.begin_attempt(database, key, 1)
    assert (await runs.get(database, key)).state == "running"
    await runs.end_attempt(database, key, 1, outcome="failed", error="no \x00 route")
    await runs.end_attempt(database, key, 1, outcome="crashed", error="a later word")
    await runs.begin_attempt(database, key, 2)
    # Its process is killed: the third finds it open.
    await runs.begin_attempt(database, key, 3)
    await runs.end_attempt(database, key, 3, outcome="completed")
    await runs.finish_run(database, key, "completed", "done")
    found = await runs.attempts(database, key)
    assert [(a.attempt, a.outcome) for a in found] == [
        (1, "failed"),
        (2, "crashed"),
        (3, "completed"),
    ]
    assert found[0].error == "no \N{REPLACEMENT CHARACTER} route"
    run = await runs.get(database, key)
    assert (run.state, run.attempts, run.message) == ("completed", 3, "done")
    assert run.started_at is not None
    assert run.ended_at is not None
    assert run.ended_at >= run.started_at


async def test_what_is_not_there_is_said(database: Database) -> None:
    key = run_id("nowhere")
    with pytest.raises(NotFound, match="no run"):
        await runs.begin_attempt(database, key, 1)
    with pytest.raises(NotFound, match="no attempt"):
        await runs.end_attempt(database, key, 1, outcome="failed")
    with pytest.raises(NotFound, match="no run"):
        await runs.finish_run(database, key, "failed")
    with pytest.raises(NotFound, match="no run"):
        await runs.record_result(database, key, result())


async def test_results_come_back_as_they_were(database: Database) -> None:
    key = await a_run(database, await a_task(database))
    failed = result(R2, ok=False, stage="connect", cause="refused", summary="refused")
    again = replace(failed, attempt=2, ok=True, stage=None, cause=None, latency_ms=1.5)
    for one in (failed, again, result(changed=True)):
        await runs.record_result(database, key, one)
    assert await runs.results(database, key) == [result(changed=True), failed, again]
    # Written twice, after an answer that got lost: there once.
    await runs.record_result(database, key, again)
    assert len(await runs.results(database, key)) == 3


async def test_a_retry_is_told_what_is_done(database: Database) -> None:
    key = await a_run(database, await a_task(database))
    await runs.record_result(database, key, result(R1))
    await runs.record_result(database, key, result(R2, ok=False, summary="x"))
    await runs.record_result(database, key, result(R2, item="startup"))
    assert await runs.finished_items(database, key) == {(R1.id, "running"), (R2.id, "startup")}
    await runs.record_result(database, key, result(R2, attempt=2))
    await runs.record_result(database, key, result(R1, attempt=2, ok=False, summary="gone bad"))
    assert await runs.finished_items(database, key) == {(R2.id, "running"), (R2.id, "startup")}


async def test_whatever_a_device_printed_is_kept(database: Database) -> None:
    key = await a_run(database, await a_task(database))
    odd = result(summary="\x00 \ud800 \U0001f600 " + "x" * 10_000)
    await runs.record_result(database, key, odd)
    (found,) = await runs.results(database, key)
    assert "\U0001f600" in found.summary
    assert "\x00" not in found.summary


async def test_a_missed_time_is_recorded_once(database: Database) -> None:
    task_id = await a_task(database)
    assert await runs.record_missed(database, task_id, NOON, "down")
    assert not await runs.record_missed(database, task_id, NOON, "down")
    assert await runs.record_missed(database, task_id, NOON + timedelta(hours=1), "down")
    history = await runs.history(database, task_id)
    assert [(run.state, run.scheduled_for) for run in history] == [
        ("missed", NOON + timedelta(hours=1)),
        ("missed", NOON),
    ]


async def test_history_outlives_its_task(database: Database) -> None:
    task_id = await a_task(database)
    key = await a_run(database, task_id)
    await runs.record_result(database, key, result())
    await tasks.delete(database, task_id)
    (found,) = await runs.history(database)
    assert (found.id, found.task_id, found.task_name) == (key, None, "Backup")
    assert await runs.results(database, key) == [result()]


async def test_pages_follow_each_other_without_gap_or_overlap(database: Database) -> None:
    task_id = await a_task(database)
    other = (await tasks.create(database, task("Other"))).id
    for number in range(25):
        # Ties in time are told apart by id.
        await a_run(database, task_id, f"run {number}", hour=number // 5)
        await a_run(database, other, f"other {number}", hour=number // 5)
    for scope, total in ((task_id, 25), (None, 50)):
        found = []
        before = None
        while page := await runs.history(database, scope, limit=7, before=before):
            found += page
            before = HistoryKey.of(page[-1])
        assert len({run.id for run in found}) == len(found) == total
        assert found == sorted(found, key=lambda run: (run.scheduled_for, run.id), reverse=True)
        assert found == await runs.history(database, scope, limit=1000)
