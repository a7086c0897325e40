"""Whatever the history and the policy: what stays is what a simple model says."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.retention import FOREVER
from netstacks_tasks.settings import Settings
from netstacks_tasks.store import audit, retention_overrides, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync.flow_run_removal import FlowRunRemoval
from netstacks_tasks.sync.retention import Wanted, apply
from tests.integration.store import samples
from tests.integration.store.samples import task
from tests.integration.sync.retention_model import DEVICES, TASKS, History, histories


class _Killed(BaseException):
    """Ends everything, as a kill does."""


class _Empty(FlowRunRemoval):
    """A Prefect that has nothing; at one of the requests it is the end of all."""

    def __init__(self, requests: int | None = None) -> None:
        self._left = requests

    async def remove(self, runs: Collection[RunId]) -> set[RunId]:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise _Killed
        return set(runs)

    async def ended_before(self, before: datetime) -> list[RunId]:
        assert before.tzinfo is not None
        return []


@pytest.fixture
async def ids(database: Database) -> dict[str | None, UUID | None]:
    """Of the tasks and the devices that are there."""
    await samples.fill(database)
    made: dict[str | None, UUID | None] = {None: None, "removed": None}
    for name in TASKS:
        if name is not None:
            made[name] = (await tasks.create(database, task(name))).id
    return made | {name: samples.uid(name) for name in DEVICES if name != "removed"}


async def _write(db: Database, history: History, ids: dict[str | None, UUID | None]) -> None:
    now = datetime.now(UTC)
    async with db.transaction() as connection:
        for table in ("device_results", "config_snapshots", "task_runs", "task_retention"):
            await connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        # Of a day, the first one is the newest.
        for number, version in enumerate(history.versions):
            await connection.execute(
                """INSERT INTO config_snapshots (id, device_id, device_name, platform, task_id,
                       destination, source, content, sha256, line_count, captured_at)
                   VALUES (%s, %s, %s, 'linux', %s, 'd', 'running', '', '', 0, %s)""",
                (
                    version.id,
                    ids[version.device],
                    version.device,
                    ids[version.task],
                    now - timedelta(days=version.days, seconds=number),
                ),
            )
        for number, run in enumerate(history.runs):
            at = now - timedelta(days=run.days, seconds=number)
            await connection.execute(
                """INSERT INTO task_runs (id, task_id, task_name, task_type, trigger, state,
                       scheduled_for, started_at, ended_at)
                   VALUES (%s, %s, 't', 'backup', 'manual', %s, %s, %s, %s)""",
                (
                    run.id,
                    ids[run.task],
                    run.state,
                    at,
                    None if run.state == "missed" else at,
                    None if run.state == "running" else at,
                ),
            )
            for device, (ok, shown) in run.results.items():
                await connection.execute(
                    """INSERT INTO device_results (run_id, attempt, device_name, item, ok,
                           summary, snapshot_id)
                       VALUES (%s, 1, %s, 'running', %s, '', %s)""",
                    (run.id, device, ok, None if shown is None else history.versions[shown].id),
                )
    first = ids["first"]
    assert first is not None
    await retention_overrides.put(db, TaskId(first), "first", history.own)


async def _ids_in(db: Database, statement: LiteralString) -> set[UUID]:
    async with db.connection() as connection:
        cursor = await connection.execute(statement)
        return {row[0] for row in await cursor.fetchall()}


_RUNS: Final = "SELECT id FROM task_runs"
_REMOVED_LOGS: Final = "SELECT id FROM task_runs WHERE log_removed_at IS NOT NULL"
_VERSIONS: Final = "SELECT id FROM config_snapshots"


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=histories(), killed_at=st.one_of(st.none(), st.integers(0, 2)))
async def test_what_stays_is_what_the_model_says(
    database: Database,
    ids: dict[str | None, UUID | None],
    history: History,
    killed_at: int | None,
) -> None:
    await _write(database, history, ids)
    wanted = Wanted(policy=history.policy, audit_days=FOREVER)
    foreseen = await apply(database, _Empty(), wanted, dry_run=True)
    assert await _ids_in(database, _RUNS) == {run.id for run in history.runs}
    kept = {run.id for run in history.kept_runs()}
    logs = {run.id for run in history.removed_logs()}
    versions = {version.id for version in history.kept_versions()}
    counts = {
        "runs": len(history.runs) - len(kept),
        "logs": len(logs),
        "versions": len(history.versions) - len(versions),
    }
    assert foreseen.totals() == {kind: count for kind, count in counts.items() if count}

    if killed_at is None:
        assert (await apply(database, _Empty(), wanted)).totals() == foreseen.totals()
    else:
        try:
            await apply(database, _Empty(killed_at), wanted)
        except _Killed:
            await apply(database, _Empty(), wanted)
    assert await _ids_in(database, _RUNS) == kept
    assert await _ids_in(database, _REMOVED_LOGS) == logs
    assert await _ids_in(database, _VERSIONS) == versions
    # The newest of each device is there, whatever the policy says.
    newest = {one.device: one.id for one in reversed(history.versions)}
    assert set(newest.values()) <= versions


async def test_old_entries_of_the_audit_log_go_when_that_is_wanted(
    database: Database, ids: dict[str | None, UUID | None]
) -> None:
    assert ids  # made with entries of the log
    policy = Settings().retention
    count = len(await audit.find(database))
    assert (await apply(database, _Empty(), Wanted(policy=policy, audit_days=FOREVER))).audit == 0
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE audit_log SET at = at - interval '500 days' WHERE id IN "
            "(SELECT id FROM audit_log ORDER BY id LIMIT 3)"
        )
    wanted = Wanted(policy=policy, audit_days=400)
    assert (await apply(database, _Empty(), wanted, dry_run=True)).totals() == {"audit": 3}
    assert (await apply(database, _Empty(), wanted)).totals() == {"audit": 3}
    told, *others = await audit.find(database)
    assert (told.actor, told.action, told.kind) == ("sync", "applied", "retention")
    assert told.changes == {"audit": 3}
    assert len(others) == count - 3
