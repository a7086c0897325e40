"""What is beyond the retention policy goes from both databases, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio

from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.retention import RetentionOverride, RetentionPolicy
from netstacks_tasks.settings import Settings
from netstacks_tasks.store import audit, retention_overrides, retention_rounds
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.retention_rounds import RetentionBusy
from netstacks_tasks.sync import retention_service
from netstacks_tasks.sync.flow_run_removal import FlowRunRemoval
from netstacks_tasks.sync.prefect_errors import PrefectUnavailable
from netstacks_tasks.sync.retention import Wanted, apply
from netstacks_tasks.sync.retention_report import OF_DELETED_TASKS, Removed, RetentionReport
from tests.integration.store.samples import eventually
from tests.integration.sync.both_histories import BothHistories, opened
from tests.integration.sync.conftest import AddTask

POLICY = RetentionPolicy(run_days=30, runs_kept=2, log_days=30, version_days=30, versions_kept=1)
WANTED = Wanted(policy=POLICY, audit_days="forever")


@pytest_asyncio.fixture
async def both(database: Database, prefect_api: str) -> AsyncIterator[BothHistories]:
    async with opened(database, prefect_api) as histories:
        yield histories


async def _apply(both: BothHistories, *, dry_run: bool = False) -> RetentionReport:
    return await apply(both.db, both.removal, WANTED, dry_run=dry_run)


async def _agree(both: BothHistories, kept: set[RunId], gone: set[RunId]) -> None:
    """Both databases have what is kept, and nothing of what is gone."""
    assert await both.ours() == kept

    async def as_wanted() -> bool:
        left = await both.left_in_prefect(kept | gone)
        assert left["flow_runs"] == left["artifacts"] == left["task_runs"] == kept
        assert left["logs"] >= kept
        return left["logs"] == kept

    # Prefect deletes the log itself, a moment later.
    await eventually(as_wanted)


async def test_old_runs_go_from_both_databases(both: BothHistories, add_task: AddTask) -> None:
    task_id = await add_task("health", "health_check")
    old = await both.runs(task_id, 50, 40, 31)
    young = await both.runs(task_id, 29, 1)
    report = await _apply(both, dry_run=True)
    assert report.tasks == {"health": Removed(runs=3)}
    assert await both.ours() == {*old, *young}
    assert await audit.find(both.db, audit.AuditSearch(kind="retention")) == []

    assert (await _apply(both)).tasks == {"health": Removed(runs=3)}
    await _agree(both, set(young), set(old))
    assert await both.execute("SELECT DISTINCT run_id FROM device_results ORDER BY 1") == [
        (one,) for one in sorted(young)
    ]
    (entry,) = await audit.find(both.db, audit.AuditSearch(kind="retention"))
    assert (entry.action, entry.changes) == ("applied", {"runs": 3})
    assert (await _apply(both)).totals() == {}


async def test_the_newest_runs_stay_however_old(both: BothHistories, add_task: AddTask) -> None:
    task_id = await add_task("yearly", "health_check")
    old = await both.runs(task_id, 700, 400)
    newest = await both.run(task_id, 300)
    report = await _apply(both)
    # Kept by count, but for their logs; of the last run those stay too.
    assert report.tasks == {"yearly": Removed(runs=1, logs=1)}
    assert await both.ours() == {old[1], newest}
    left = await both.left_in_prefect([*old, newest])
    assert left["flow_runs"] == left["artifacts"] == {newest}
    assert (await _apply(both)).totals() == {}


async def test_a_task_has_a_policy_of_its_own(both: BothHistories, add_task: AddTask) -> None:
    longer, shorter = await add_task("longer", "agent_task"), await add_task("s", "agent_task")
    kept = set(await both.runs(longer, 400, 300, 200))
    gone = set(await both.runs(shorter, 5, 4))
    kept.add(await both.run(shorter, 3))
    own = RetentionOverride(run_days="forever", log_days="forever")
    await retention_overrides.put(both.db, longer, "longer", own)
    own = RetentionOverride(run_days=0, runs_kept=1)
    await retention_overrides.put(both.db, shorter, "s", own)
    assert (await _apply(both)).tasks == {"s": Removed(runs=2)}
    await _agree(both, kept, gone)
    (edited,) = await audit.find(both.db, audit.AuditSearch(kind="retention", object_id=longer))
    assert edited.changes == {"run_days": [None, "forever"], "log_days": [None, "forever"]}


async def test_runs_of_a_deleted_task_and_strays_go_by_age(
    both: BothHistories, add_task: AddTask, prefect_sql: str
) -> None:
    task_id = await add_task("gone", "health_check")
    old, young = await both.run(task_id, 31), await both.run(task_id, 1)
    strays = [await both.flow_run(task_id) for _ in range(2)]
    await both.execute("DELETE FROM tasks WHERE id = %s", task_id)
    await _age(prefect_sql, [strays[0], old, young], days=31)
    report = await _apply(both, dry_run=True)
    assert report.totals() == {"runs": 1, "strays": 1}
    report = await _apply(both)
    assert report.tasks == {OF_DELETED_TASKS: Removed(runs=1)}
    assert report.strays == 1
    left = await both.left_in_prefect([old, young, *strays])
    assert left["flow_runs"] == left["artifacts"] == {young, strays[1]}


@pytest.fixture
def prefect_sql(prefect_stack: Stack) -> str:
    """Prefect's own database: nothing but time, or this, makes its runs old."""
    assert prefect_stack.postgres is not None
    return prefect_stack.postgres.url("prefect")


async def _age(prefect_sql: str, runs: list[RunId], *, days: int) -> None:
    """Let flow runs have ended longer ago, as Prefect has it."""
    async with await psycopg.AsyncConnection.connect(prefect_sql, autocommit=True) as connection:
        await connection.execute(
            "UPDATE flow_run SET end_time = now() - make_interval(days => %s) WHERE id = ANY(%s)",
            (days, runs),
        )


async def test_what_goes_on_stays(both: BothHistories, add_task: AddTask) -> None:
    task_id = await add_task("t", "health_check")
    at_work = await both.run(task_id, 90, over=False)
    again = await both.run(task_id, 80)
    kept = {at_work, again, *await both.runs(task_id, 2, 1)}
    # Somebody has it run again, which the history has not seen yet.
    body = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}, "force": True}
    await both.client.request(
        "POST", "/flow_runs/{id}/set_state", path_params={"id": again}, json=body
    )
    assert (await _apply(both)).totals() == {}
    await _agree(both, kept, set())


class _Killed(BaseException):
    """Ends everything, as a kill does."""


class _DiesAfter(FlowRunRemoval):
    """Is killed between two of its requests, or right after the last one."""

    def __init__(self, both: BothHistories, requests: int) -> None:
        super().__init__(both.client, both.installation)
        self._left = requests

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _Killed

    async def remove(self, runs: Collection[RunId]) -> set[RunId]:
        self._count()
        gone = await super().remove(runs)
        self._count()
        return gone

    async def _remove_artifact(self, artifact_id: UUID) -> None:
        self._count()
        await super()._remove_artifact(artifact_id)


@pytest.mark.parametrize("requests", [2, 5], ids=["among artifacts", "between the databases"])
async def test_killed_in_the_middle_it_goes_on(
    both: BothHistories, add_task: AddTask, requests: int
) -> None:
    task_id = await add_task("t", "health_check")
    old = set(await both.runs(task_id, 50, 40))
    young = set(await both.runs(task_id, 2, 1))
    with pytest.raises(_Killed):
        await apply(both.db, _DiesAfter(both, requests), WANTED)
    # Nothing of ours is gone of which Prefect has something.
    ours = await both.ours()
    left = await both.left_in_prefect(old | young)
    assert left["flow_runs"] | left["artifacts"] <= ours
    assert (await _apply(both)).totals() == {"runs": 2}
    await _agree(both, young, old)


async def test_an_outage_of_prefect_loses_nothing(both: BothHistories, add_task: AddTask) -> None:
    task_id = await add_task("t", "health_check")
    runs = {RunId(uuid4()) for _ in range(3)}
    for days, run_id in enumerate(runs):
        await both.row(run_id, task_id, 50 * days)
    async with opened(both.db, "http://127.0.0.1:9/api") as nowhere:
        with pytest.raises(PrefectUnavailable):
            await apply(both.db, nowhere.removal, WANTED)
    assert await both.ours() == runs


async def test_two_at_once(both: BothHistories, add_task: AddTask) -> None:
    task_id = await add_task("t", "health_check")
    old = set(await both.runs(task_id, 50, 40))
    young = set(await both.runs(task_id, 2, 1))
    found = await asyncio.gather(*(_apply(both) for _ in range(3)), return_exceptions=True)
    assert {type(one) for one in found} == {RetentionReport, RetentionBusy}
    await _agree(both, young, old)
    done = [one.totals() for one in found if isinstance(one, RetentionReport)]
    assert sum(one.get("runs", 0) for one in done) == 2


async def test_the_sync_applies_it_once_a_day(
    both: BothHistories, add_task: AddTask, prefect_api: str
) -> None:
    settings = Settings(retention_run_days=30, retention_runs_kept=1)
    task_id = await add_task("t", "health_check")
    old, young = await both.run(task_id, 50), await both.run(task_id, 1)
    # The first time a day after the table came to be.
    assert not await retention_service.when_due(both.db, prefect_api, settings)
    await both.execute("UPDATE retention_rounds SET finished_at = now() - interval '25 hours'")
    assert await retention_service.when_due(both.db, prefect_api, settings)
    await _agree(both, {young}, {old})
    last = await retention_rounds.last(both.db)
    assert (datetime.now(UTC) - last.finished_at).total_seconds() < 3600
    assert not await retention_service.when_due(both.db, prefect_api, settings)

    # A command in another environment removes nothing that the sync keeps.
    await retention_service.check_settings(both.db, retention_service.wanted_by(settings))
    other = Settings(retention_run_days=9, retention_runs_kept=1)
    await retention_service.when_due(both.db, prefect_api, other)
    with pytest.raises(ConfigurationError, match="NETSTACKS_RETENTION_RUN_DAYS is 30 here and 9"):
        await retention_service.check_settings(both.db, retention_service.wanted_by(settings))
