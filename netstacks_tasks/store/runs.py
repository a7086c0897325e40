"""The history: runs with their attempts, and what was found on each device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID, uuid4

from psycopg import errors
from psycopg.rows import dict_row

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import DeviceId, RunId, SnapshotId, TaskId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.runs import RunAttempt, TaskRun
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query
from netstacks_tasks.store.texts import storable

Trigger = Literal["schedule", "manual", "catch_up"]
AttemptOutcome = Literal["completed", "failed", "timed_out", "crashed", "cancelled"]
FinalState = Literal["completed", "failed", "cancelled", "crashed"]

FINAL_STATES: Final[tuple[FinalState, ...]] = get_args(FinalState)
_LONGEST_ERROR: Final = 20_000
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryKey:
    """A place in the history: the last run of a page; the next page begins after it."""

    scheduled_for: datetime
    run_id: RunId

    @classmethod
    def of(cls, run: TaskRun) -> HistoryKey:
        return cls(scheduled_for=run.scheduled_for, run_id=run.id)


def place(before: HistoryKey | None) -> dict[str, object]:
    """What the queries that page through runs are given; None: the beginning.

    A place behind all others instead of none at all: so one plan serves either way.
    """
    if before is None:
        return {"time": "infinity", "id": UUID(int=0)}
    return {"time": before.scheduled_for, "id": before.run_id}


async def upsert_run(
    db: Database,
    run_id: RunId,
    task_id: TaskId,
    *,
    trigger: Trigger,
    scheduled_for: datetime,
    started_at: datetime | None = None,
) -> None:
    """Make sure that a run has its row; a known run keeps what is known of it.

    Raises:
        NotFound: there is no such task.
    """
    values = {
        "id": run_id,
        "task_id": task_id,
        "trigger": trigger,
        "scheduled_for": scheduled_for,
        "started_at": started_at,
    }
    async with db.transaction() as connection:
        cursor = await connection.execute(query("insert_run"), values)
        if cursor.rowcount:
            return
        cursor = await connection.execute(query("run_exists"), {"id": run_id})
        if await cursor.fetchone() is None:
            raise NotFound("task", task_id)


async def begin_attempt(db: Database, run_id: RunId, attempt: int) -> None:
    """The run works on its attempt number `attempt` (from 1).

    An earlier attempt that never said how it ended has crashed.

    Raises:
        NotFound: the run has no row.
    """
    values = {"run_id": run_id, "attempt": attempt}
    async with db.transaction() as connection:
        cursor = await connection.execute(query("run_begins"), values)
        if not cursor.rowcount:
            raise NotFound("run", run_id)
        await connection.execute(query("end_forgotten_attempts"), values)
        await connection.execute(query("begin_attempt"), values)


async def end_attempt(
    db: Database, run_id: RunId, attempt: int, *, outcome: AttemptOutcome, error: str = ""
) -> None:
    """How an attempt ended; the first word counts.

    Raises:
        NotFound: the attempt never began.
    """
    values = {
        "run_id": run_id,
        "attempt": attempt,
        "outcome": outcome,
        "error": storable(error[:_LONGEST_ERROR]),
    }
    async with db.transaction() as connection:
        cursor = await connection.execute(query("end_attempt"), values)
        if not cursor.rowcount:
            raise NotFound("attempt", f"{attempt} of run {run_id}")


async def finish_run(db: Database, run_id: RunId, state: FinalState, message: str = "") -> None:
    """The run is over.

    Raises:
        NotFound: the run has no row.
    """
    values = {"id": run_id, "state": state, "message": storable(message[:_LONGEST_ERROR])}
    async with db.transaction() as connection:
        cursor = await connection.execute(query("finish_run"), values)
        if not cursor.rowcount:
            raise NotFound("run", run_id)


async def record_missed(
    db: Database, task_id: TaskId, scheduled_for: datetime, message: str
) -> bool:
    """Note a time that passed without a run; once per task and time.

    Returns:
        whether this call noted it.
    """
    values = {
        "id": uuid4(),
        "task_id": task_id,
        "scheduled_for": scheduled_for,
        "message": storable(message),
    }
    async with db.transaction() as connection:
        cursor = await connection.execute(query("record_missed"), values)
        return cursor.rowcount > 0


async def mark_missed(db: Database, run_id: RunId, message: str) -> bool:
    """A run that began too late and did nothing counts as a missed time.

    Returns:
        whether it is noted as one now; False when that time is noted already.
    """
    async with db.transaction() as connection:
        values = {"id": run_id, "message": storable(message)}
        cursor = await connection.execute(query("mark_missed"), values)
        return cursor.rowcount > 0


async def record_result(db: Database, run_id: RunId, result: DeviceResult) -> None:
    """Keep one result; the same item of the same attempt replaces what it said before.

    Raises:
        NotFound: the run has no row.
    """
    await record_results(db, run_id, [result])


async def record_results(db: Database, run_id: RunId, found: Sequence[DeviceResult]) -> None:
    """Keep results, all of them or none.

    Raises:
        NotFound: the run has no row.
    """
    # A statement may touch a row once: of the same item the last result counts.
    rows = {(one.device_name, one.item, one.attempt): _as_row(one) for one in found}.values()
    if not rows:
        return
    columns = {name: [row[name] for row in rows] for name in next(iter(rows))}
    try:
        async with db.transaction() as connection:
            await connection.execute(query("record_results"), columns | {"run_id": run_id})
    except errors.ForeignKeyViolation as error:
        raise NotFound("run", run_id) from error


def _as_row(result: DeviceResult) -> dict[str, Any]:
    return {
        "attempt": result.attempt,
        "device_id": result.device_id,
        "device_name": result.device_name,
        "item": result.item,
        "ok": result.ok,
        "changed": result.changed,
        "summary": storable(result.summary),
        "stage": result.stage,
        "cause": result.cause,
        "latency_ms": result.latency_ms,
        "snapshot_id": result.snapshot_id,
    }


async def results(db: Database, run_id: RunId) -> list[DeviceResult]:
    """Every result of a run, all attempts, by device, item and attempt."""
    return [_as_result(row) for row in await _rows(db, "results", {"run_id": run_id})]


async def finished_items(db: Database, run_id: RunId) -> set[tuple[DeviceId, str]]:
    """The (device, item) pairs that are done: their newest attempt went well."""
    rows = await _rows(db, "finished_items", {"run_id": run_id})
    return {(DeviceId(row["device_id"]), row["item"]) for row in rows}


async def find(db: Database, run_id: RunId) -> TaskRun | None:
    """One run; None when the history does not know it."""
    rows = await _rows(db, "run", {"id": run_id})
    return TaskRun(**rows[0]) if rows else None


async def get(db: Database, run_id: RunId) -> TaskRun:
    """One run.

    Raises:
        NotFound: the history does not know it.
    """
    found = await find(db, run_id)
    if found is None:
        raise NotFound("run", run_id)
    return found


async def attempts(db: Database, run_id: RunId) -> list[RunAttempt]:
    """The attempts of a run, the first one first."""
    return [RunAttempt(**row) for row in await _rows(db, "attempts", {"run_id": run_id})]


async def history(
    db: Database,
    task_id: TaskId | None = None,
    limit: int = 100,
    before: HistoryKey | None = None,
) -> list[TaskRun]:
    """Runs of one task, or of all, the latest times first.

    Args:
        db: the database.
        task_id: whose; None: everybody's, deleted tasks' included.
        limit: how many at most.
        before: only runs after this place: `HistoryKey.of(page[-1])`.
    """
    values = {"task_id": task_id, "task": None, "since": "-infinity", "limit": limit}
    # Two queries: PostgreSQL must see which index serves.
    name = "history" if task_id is None else "history_of_task"
    return [TaskRun(**row) for row in await _rows(db, name, values | place(before))]


def _as_result(row: Mapping[str, Any]) -> DeviceResult:
    snapshot_id = row["snapshot_id"]
    return DeviceResult(
        **{
            **row,
            "device_id": DeviceId(row["device_id"] or _NOBODY),
            "snapshot_id": None if snapshot_id is None else SnapshotId(snapshot_id),
        }
    )


async def _rows(db: Database, name: str, values: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query(name), values)
        return await cursor.fetchall()
