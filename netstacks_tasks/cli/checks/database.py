"""The database: reachable, its schema, its clock, and whether the sync keeps up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from netstacks_tasks.cli.checks.finding import Finding, fail, ok, warn
from netstacks_tasks.models.task import Task
from netstacks_tasks.store import tasks
from netstacks_tasks.store.database import Database

MEND: Final = "is PostgreSQL running, and NETSTACKS_DATABASE_URL right?"
_MOST_SKEW: Final = timedelta(seconds=5)
_MOST_LAG: Final = timedelta(seconds=60)
_OVERDUE: Final = timedelta(minutes=5)
_OLDEST_SERVER: Final = 130000
_MOST_NAMES: Final = 5
_LISTENERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'netstacks listen' AND datname = current_database()
"""
_FACTS = """
    SELECT clock_timestamp(), current_setting('server_version_num')::int,
           current_setting('server_version')
"""


async def database(url: str) -> AsyncIterator[Finding]:
    """Look at the database behind the URL.

    Raises:
        NetstacksError: it cannot be looked at.
    """
    async with Database.open(url, migrate=False) as db:
        async with db.connection() as connection:
            row = await (await connection.execute(_FACTS)).fetchone()
            listeners = await (await connection.execute(_LISTENERS)).fetchone()
        now, number, version = row if row is not None else (datetime.now(UTC), 0, "unknown")
        yield _server(number, version)
        yield skew("clock of the database", now)
        known = await tasks.find(db)
        yield sync_state(known)
        yield _watching(listeners is not None and listeners[0] > 0, known)


def _server(number: int, version: str) -> Finding:
    if number < _OLDEST_SERVER:
        return warn("database", f"PostgreSQL {version}", "use PostgreSQL 13 or newer")
    return ok("database", f"PostgreSQL {version}; the schema is up to date")


def skew(subject: str, there: datetime, *, grain: timedelta = timedelta()) -> Finding:
    """How far a server's clock is from ours.

    Args:
        subject: whose clock.
        there: what it shows.
        grain: how coarse that is.
    """
    difference = datetime.now(UTC) - there
    apart = max(abs(difference) - grain, timedelta())
    found = f"{apart.total_seconds():.1f} s from this machine's"
    if apart > _MOST_SKEW:
        mend = "run an NTP client on both machines: runs would start at the wrong time"
        return warn(subject, found, mend)
    return ok(subject, found)


def sync_state(known: Sequence[Task]) -> Finding:
    """Whether every task is in Prefect as it is written."""
    wrong = [f"{task.name}: {task.sync_error}" for task in known if task.sync_error]
    if wrong:
        mend = "mend what each says, then `netstacks sync`"
        return fail("sync", _some(wrong, "; "), mend)
    old = datetime.now(UTC) - _MOST_LAG
    late = [task.name for task in known if task.synced_hash is None and task.updated_at < old]
    if late:
        return fail(
            "sync",
            f"{len(late)} tasks are not in Prefect as written: {_some(late)}",
            "run `netstacks sync`, and keep `netstacks sync --watch` or `netstacks up` running",
        )
    waiting = sum(task.synced_hash is None for task in known)
    if waiting:
        return warn("sync", f"{waiting} tasks were edited just now", "look again in a minute")
    return ok("sync", f"{len(known)} tasks, all in Prefect as written")


def _watching(listens: bool, known: Sequence[Task]) -> Finding:
    if not listens:
        return warn(
            "sync --watch",
            "nobody follows the edits: runs of dead workers are not mended, missed times not seen",
            "keep `netstacks sync --watch` (or `netstacks up`) running",
        )
    late = datetime.now(UTC) - _OVERDUE
    overdue = [
        task.name
        for task in known
        if task.spec.enabled and task.next_run_at is not None and task.next_run_at < late
    ]
    if overdue:
        return warn(
            "sync --watch",
            f"it runs, and has not brought these up to date: {_some(overdue)}",
            "look into its log",
        )
    return ok("sync --watch", "it runs")


def _some(names: Sequence[str], between: str = ", ") -> str:
    more = len(names) - _MOST_NAMES
    return between.join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
