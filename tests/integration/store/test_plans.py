"""However long the history is, every statement reads only what it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio

from benchmarks.page_history import Size, fill
from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import DeviceId, RunId, SnapshotId, TaskId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.retention import BEGINNING
from netstacks_tasks.models.runs import TaskRun
from netstacks_tasks.store import (
    audit,
    backup_history,
    measures,
    run_list,
    run_search,
    runs,
    snapshot_search,
    snapshots,
    task_list,
    tasks,
    version_log,
)
from netstacks_tasks.store.audit import AuditSearch, Deed
from netstacks_tasks.store.queries import query
from netstacks_tasks.store.run_search import RunSearch
from netstacks_tasks.store.runs import HistoryKey
from netstacks_tasks.store.task_list import ListOrder, TaskSearch
from tests.conftest import copied_database
from tests.integration.store import plans
from tests.integration.store.plans import ExplainedDatabase

SIZE: Final = Size(tasks=1000, runs=40_000, details=30_000, devices=200)
PAGE: Final = 50


def made(name: str) -> UUID:
    """An id as the history's maker gives it."""
    return UUID(md5(name.encode(), usedforsecurity=False).hexdigest())


TASK: Final = TaskId(made("task 1"))
DEVICE: Final = DeviceId(made("device 7"))


@dataclass(frozen=True, slots=True)
class History:
    """A long one, and a place in the middle of it."""

    db: ExplainedDatabase
    middle: TaskRun
    version: snapshots.Snapshot

    @property
    def place(self) -> HistoryKey:
        return HistoryKey.of(self.middle)


@pytest_asyncio.fixture(scope="module")
async def history(postgres: EmbeddedPostgres, template_database: str) -> AsyncIterator[History]:
    name = f"plans_{uuid4().hex}"
    async with copied_database(postgres, template_database, name) as url:
        await asyncio.to_thread(fill, url, SIZE)
        async with ExplainedDatabase.open(url, migrate=False) as db:
            # Deleted tasks leave their runs behind.
            for number in (3, 5, 8):
                await tasks.delete(db, TaskId(made(f"task {number}")))
            page = await runs.history(db, limit=5_000)
            versions = await snapshots.list_versions(db, limit=2_000)
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:
                await admin.execute("VACUUM ANALYZE")
            db.plans()
            yield History(db, page[-1], versions[-1])


Call = Callable[[History], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Case:
    """A call, the statements that it sends, and how many rows they may look at together."""

    queries: tuple[str, ...]
    call: Call
    rows: int = PAGE


def search(*queries: str, rows: int = PAGE, **wanted: Any) -> Case:  # noqa: ANN401 - fields of the search
    """Of runs."""
    return Case(
        queries,
        lambda of: run_search.recent_runs(of.db, RunSearch(limit=PAGE, **wanted)),
        rows,
    )


def log(rows: int = PAGE, **wanted: Any) -> Case:  # noqa: ANN401 - fields of the search
    """Of the audit log."""
    return Case(
        ("audit_log",), lambda of: audit.find(of.db, AuditSearch(limit=PAGE, **wanted)), rows
    )


def versions(rows: int = PAGE, **wanted: Any) -> Case:  # noqa: ANN401 - fields of the search
    return Case(
        ("snapshots",), lambda of: snapshots.list_versions(of.db, limit=PAGE, **wanted), rows
    )


def listed(order: ListOrder, *, descending: bool = False, **wanted: Any) -> Case:  # noqa: ANN401 - fields of the search
    return Case(
        ("count_task_list", "task_list_page", "task_list"),
        lambda of: task_list.listed(
            of.db, TaskSearch(**wanted), order=order, descending=descending, limit=PAGE
        ),
    )


def sent(name: str, *, rows: int = PAGE, **values: object) -> Case:
    """A statement by itself."""

    async def call(of: History) -> None:
        async with of.db.connection() as connection:
            await connection.execute(query(name), values)

    return Case((name,), call, rows)


async def unsealed(db: ExplainedDatabase) -> None:
    async with db.transaction() as connection:
        values = {"after": UUID(int=0), "mark": b"\x01", "limit": PAGE}
        await connection.execute(query("unsealed_snapshots"), values)


def portion(name: str, rows: int = PAGE, **values: object) -> Case:
    """Of what the retention policy does not keep: nothing that is younger than five days."""
    chosen = {
        "after_time": BEGINNING,
        "after_id": UUID(int=0),
        "before": datetime.now(UTC) - timedelta(days=5),
        "limit": PAGE,
    }
    return sent(name, rows=rows, **(chosen | values))


KINDS: Final = 5
NAMES: Final = 20
"""A few looks for each deleted task."""
READ: Final[dict[str, Case]] = {
    "the newest runs": Case(("history",), lambda of: runs.history(of.db, limit=PAGE)),
    "runs further back": Case(
        ("history",), lambda of: runs.history(of.db, limit=PAGE, before=of.place)
    ),
    "runs of a task": Case(
        ("history_of_task",), lambda of: runs.history(of.db, TASK, 20, of.place), 20
    ),
    "runs of a task with reasons": Case(
        ("runs_of_task",), lambda of: run_list.runs_of_task(of.db, TASK, 20, of.place), 40
    ),
    "any runs": search("history"),
    "runs since": search("history", since=datetime.now(UTC) - timedelta(hours=2)),
    "runs in a rare state": search("runs_in_states", states=["crashed"], rows=KINDS * PAGE),
    "runs in no state": search("runs_in_states", states=["pending"], rows=0),
    "runs of a rare type": search("runs_in_states", task_type="agent_task", rows=9 * PAGE),
    "runs of a task by its name": search(
        "names_with_runs", "runs_of_names", task="no 777", rows=PAGE + NAMES
    ),
    "runs of a deleted task": search(
        # Another one, which is there, is number 808.
        "names_with_runs",
        "runs_of_names",
        task="site-8 NO 8",
        states=["completed"],
        rows=2 * PAGE * 10 // 9 + NAMES,
    ),
    "runs of nobody": search("names_with_runs", "runs_of_names", task="nobody", rows=NAMES),
    "runs of many": search("names_with_runs", "history", task="backup", rows=5 * PAGE),
    "runs of many in a state": search(
        "names_with_runs", "runs_in_states", task="site", states=["failed"], rows=6 * PAGE
    ),
    # Of two days, however long the history is.
    "failures": Case(
        ("failures",),
        lambda of: run_list.failures(of.db, datetime.now(UTC) - timedelta(days=1)),
        2 * 3 * SIZE.tasks // 10,
    ),
    "how all tasks stand": Case(("task_counts",), lambda of: task_list.counts(of.db), 0),
    "the list": listed("name"),
    "the list the other way round": listed("name", descending=True),
    "the list by last run": listed("last_run_at", descending=True),
    "the list of what fails": listed("next_run_at", states=("failed", "crashed")),
    "the list of what never ran": listed("task_type", states=("never",)),
    "the list by text": listed("schedule", text="no 77", enabled=True, task_type="backup"),
    "a run": Case(("run",), lambda of: runs.get(of.db, of.middle.id), 1),
    "its attempts": Case(("attempts",), lambda of: runs.attempts(of.db, of.middle.id), 3),
    "its results": Case(("results",), lambda of: runs.results(of.db, of.middle.id), 4),
    "what it has done": Case(
        ("finished_items",), lambda of: runs.finished_items(of.db, of.middle.id), 4
    ),
    "backups of a task": Case(
        ("backup_runs", "backup_results"),
        lambda of: backup_history.backup_runs(of.db, TASK, datetime.now(UTC) - timedelta(days=1)),
        60,
    ),
    "the last good backup": Case(
        ("last_good_backups",),
        lambda of: backup_history.last_good_backups(of.db, TASK, [DEVICE]),
        # Never: every run of the task is looked at.
        2 * SIZE.runs // SIZE.tasks,
    ),
    "the audit log": log(),
    "further back in it": log(before=2_000),
    "what one of many did": log(actor="anna", rows=2 * PAGE),
    "what the others did": log(actor="token:ci", rows=2 * PAGE),
    "what happened to a thing": log(object_id=made("task 1")),
    "what happened to things of a rare kind": log(kind="user"),
    "the versions": versions(),
    "versions of a device": versions(device=DEVICE, rows=60),
    "versions by a device's name": versions(device="edge-7", rows=60),
    "versions at a destination": versions(destination="configs/7"),
    "versions of a rare source": versions(source="startup"),
    "versions further back": Case(
        ("snapshots",),
        lambda of: snapshots.list_versions(of.db, limit=PAGE, before=of.version),
    ),
    "devices that have versions": Case(
        ("devices_with_snapshots",),
        lambda of: snapshot_search.devices(of.db, limit=2),
        # A look for each device's name, and the versions of those shown.
        2 * SIZE.devices + 2 * 60,
    ),
    "a device that has versions": Case(
        ("devices_with_snapshots",),
        lambda of: snapshot_search.devices(of.db, "edge-77"),
        2 * SIZE.devices + 60,
    ),
    "a version": Case(("snapshot",), lambda of: snapshots.get(of.db, of.version.id), 1),
    "the next versions of the log": Case(
        ("version_log",),
        lambda of: version_log.after(
            of.db,
            version_log.Place(of.version.captured_at, of.version.id),
            limit=PAGE,
            patience=timedelta(hours=1),
        ),
        # Their runs too.
        2 * PAGE,
    ),
    "a version's neighbours": Case(
        ("snapshot_neighbours",),
        lambda of: snapshot_search.neighbours(of.db, of.version.id),
        # Sorted by id within a time.
        60,
    ),
    "the versions before some": Case(
        ("versions_before",),
        lambda of: snapshots.before_each(of.db, [SnapshotId(of.version.id)]),
        60,
    ),
    "the newest version of a device": sent(
        "newest_snapshots",
        devices=[DEVICE],
        sources=["running"],
        destination="configs/7",
    ),
    "runs under way, for the metrics": Case(
        ("open_runs_of_types",), lambda of: measures.open_runs(of.db), SIZE.tasks // 50
    ),
    "runs that ended, for the metrics": Case(
        ("ended_runs",),
        # Of an hour and of two minutes, however long the history is.
        lambda of: measures.ended_runs(
            of.db, datetime.now(UTC) - timedelta(hours=1), [RunId(of.middle.id)]
        ),
        SIZE.tasks // 4,
    ),
    "why devices failed in a run": Case(
        ("failures_of_runs",), lambda of: measures.failures(of.db, [RunId(of.middle.id)]), 5
    ),
    "how old backups are": Case(
        ("backup_ages",),
        lambda of: measures.backup_ages(of.db),
        # A task has 21 runs in a week; only four devices have results in this history, so
        # that all runs of a week are looked at for each of the others.
        21 * 2 * 4 * SIZE.tasks,
    ),
    "versions to encrypt": Case(("unsealed_snapshots",), lambda of: unsealed(of.db), 2 * PAGE),
    "the oldest runs kept by count": sent(
        "oldest_kept_runs", tasks=[TASK, made("task 2")], kept=[20, 1000], rows=60
    ),
    "runs that are not kept": portion(
        "expired_runs",
        # Those of the task, what they found, and for each of that the newest run again.
        rows=6 * SIZE.runs // SIZE.tasks,
        task_id=TASK,
        kept_time=datetime.now(UTC),
        kept_id=UUID(int=0),
    ),
    # All that the three of them left.
    "runs of deleted tasks that are not kept": portion("expired_runs_left", rows=120, task_id=None),
    "logs that are not kept": portion("expired_logs", task_id=TASK, rows=60),
    "logs of deleted tasks that are not kept": portion("expired_logs_left", rows=120, task_id=None),
    "which of some runs have a log": sent("logged_runs", runs=[made("run 1"), made("run 2")]),
    "versions that are not kept": portion(
        "expired_versions",
        # Of each the next three, sorted by id within a time, and the results that show it.
        rows=6 * PAGE,
        tasks=[TASK],
        kept=[1],
        befores=[datetime.now(UTC)],
        default_kept=3,
        default_before=datetime.now(UTC) - timedelta(days=2),
        before=datetime.now(UTC),
        shown=1,
    ),
    "entries of the audit log that are not kept": sent(
        "expired_audit", after=100, limit=PAGE, before=datetime.now(UTC)
    ),
    "what was seen of it": Case(
        ("seen_snapshots",),
        lambda of: snapshots.seen_all(
            of.db, [(DEVICE, "running", "text")], destination="configs/7"
        ),
        2,
    ),
}


async def life(of: History) -> None:
    """A run from its beginning to its end, and what else is written."""
    key = RunId(uuid4())
    await runs.upsert_run(of.db, key, TASK, trigger="manual", scheduled_for=datetime.now(UTC))
    await runs.upsert_run(of.db, key, TASK, trigger="manual", scheduled_for=datetime.now(UTC))
    await runs.begin_attempt(of.db, key, 1)
    found = DeviceResult(
        device_id=DEVICE, device_name="edge-7", item="running", ok=True, summary="fine"
    )
    await runs.record_result(of.db, key, found)
    await runs.end_attempt(of.db, key, 1, outcome="completed")
    await run_search.note(of.db, key, {"agent": 1})
    await runs.finish_run(of.db, key, "completed")
    await runs.record_missed(of.db, TASK, datetime.now(UTC), "down")
    await runs.mark_missed(of.db, key, "late")
    await audit.record(of.db, Deed(action="looked", kind="task"))
    with suppress(NotFound):
        await runs.begin_attempt(of.db, RunId(uuid4()), 1)
    made = {
        "id": [uuid4()], "device_id": [DEVICE], "device_name": ["edge-7"], "platform": ["ios"],
        "task_id": TASK, "run_id": key, "destination": "configs/7", "source": ["running"],
        "content": [""], "sealed": [None], "sha256": [""], "seen_sha256": [""], "line_count": [0],
    }  # fmt: skip
    async with of.db.transaction() as connection:
        await connection.execute(query("insert_snapshots"), made)
        await connection.execute(query("put_seen_texts"), {"ids": made["id"], "seen": ["0"]})
        sealed = {"ids": made["id"], "sealed": [b"\x01"], "sha256": [""]}
        await connection.execute(query("seal_snapshots"), sealed)


WRITTEN: Final = (
    "insert_run", "run_exists", "run_begins", "end_forgotten_attempts", "begin_attempt",
    "record_results", "end_attempt", "note_on_run", "finish_run", "record_missed", "mark_missed",
    "insert_audit", "insert_snapshots", "put_seen_texts",
    "seal_snapshots",
)  # fmt: skip


@pytest.mark.parametrize("case", READ.values(), ids=READ.keys())
async def test_reading_touches_no_more_than_it_gives(history: History, case: Case) -> None:
    await case.call(history)
    found = history.db.plans()
    assert tuple(plan.name for plan in found) == case.queries
    for plan in found:
        assert plan.executed
        assert plan.whole_tables() == []
    looked_at = sum(plan.rows() for plan in found)
    assert looked_at <= case.rows, looked_at
    # Each is found by the root of an index, a page or two below it, and its own page.
    pages = sum(plan.pages() for plan in found)
    assert pages <= 4 * case.rows + 100, pages


async def retention(of: History) -> None:
    """What goes, and what is told of it."""
    keys = [uuid4() for _ in range(50)]
    values: dict[str, Any] = {
        "runs": keys, "versions": keys, "limit": PAGE, "after": 0, "last": 50, "id": 1,
        "before": BEGINNING, "actor": "sync", "via": "python", "address": None, "removed": "{}",
    }  # fmt: skip
    async with of.db.transaction() as connection:
        for name in REMOVED:
            await connection.execute(query(name), values)


REMOVED: Final = (
    "delete_results", "delete_runs", "note_removed_logs", "delete_versions", "delete_audit",
    "begin_retention_entry", "renew_retention_entry",
)  # fmt: skip


async def test_removing_finds_its_rows_by_index(history: History) -> None:
    await retention(history)
    found = history.db.plans()
    assert {plan.name for plan in found} == set(REMOVED)
    for plan in found:
        assert plan.whole_tables() == [], plan.name


async def test_writing_finds_its_rows_by_index(history: History) -> None:
    await life(history)
    found = history.db.plans()
    assert {plan.name for plan in found} - {"set_actor"} == set(WRITTEN)
    for plan in found:
        assert plan.whole_tables() == [], plan.name


def test_every_statement_on_a_growing_table_is_looked_at() -> None:
    """A new one belongs into `READ` or `WRITTEN`."""
    looked_at = {name for case in READ.values() for name in case.queries}
    looked_at |= {*WRITTEN, *REMOVED}
    assert plans.of_growing_tables() - looked_at == set()
