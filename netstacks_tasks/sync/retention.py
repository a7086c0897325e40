"""Applies the retention policy, in both databases together.

What goes is deleted in Prefect first and here afterwards: the row here is what is known of
the run, so that whatever stops this half-way, the next round finds it and goes on. The other
way round a flow run whose row is gone would be nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.retention import FOREVER, Days, RetentionPolicy, older_than
from netstacks_tasks.store import expired_audit, expired_runs, retention_overrides
from netstacks_tasks.store import retention_rounds as rounds
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.retention_rounds import RetentionEntry
from netstacks_tasks.sync.flow_run_removal import FlowRunRemoval
from netstacks_tasks.sync.retention_of_runs import RunRetention
from netstacks_tasks.sync.retention_of_versions import VersionRetention
from netstacks_tasks.sync.retention_report import OF_DELETED_TASKS, RetentionReport
from netstacks_tasks.sync.retention_work import Work

_TASKS_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be kept."""

    policy: RetentionPolicy
    """Of tasks that have none of their own."""
    audit_days: Days


async def apply(
    db: Database,
    removal: FlowRunRemoval,
    wanted: Wanted,
    *,
    dry_run: bool = False,
    gently: bool = False,
) -> RetentionReport:
    """Remove what is beyond the policy; one at a time does.

    Args:
        db: the history.
        removal: of flow runs from Prefect.
        wanted: what is to be kept.
        dry_run: only tell what would go.
        gently: rest between portions, for as long as each took.

    Returns:
        what went.

    Raises:
        RetentionBusy: somebody else is at it.
        PrefectUnavailable: Prefect does not answer; what is gone is gone, and the next
            time goes on.
        StoreUnavailable: PostgreSQL does not, likewise.
    """
    async with rounds.exclusive(db):
        work = Work(db, RetentionReport(), RetentionEntry(), dry_run=dry_run, gently=gently)
        await _Application(work, removal, wanted).run()
        if not dry_run:
            await rounds.finished(db)
    return work.report


class _Application:
    """One round, at one time."""

    def __init__(self, work: Work, removal: FlowRunRemoval, wanted: Wanted) -> None:
        self._work = work
        self._removal = removal
        self._wanted = wanted
        self._now = datetime.now(UTC)
        self._names: dict[TaskId, str] = {}

    async def run(self) -> None:
        overrides = await retention_overrides.find(self._work.db)
        policy = self._wanted.policy
        own = {task_id: policy.changed_by(one) for task_id, one in overrides.items()}
        of_runs = RunRetention(self._work, self._removal, self._now)
        await self._runs(of_runs, own)
        await self._strays(of_runs)
        # Now that their runs are gone: what a kept run shows stays.
        of_versions = VersionRetention(self._work, self._now, self._names)
        await of_versions.remove(policy, own, going=of_runs.going)
        await self._audit()

    async def _runs(self, of_runs: RunRetention, own: Mapping[TaskId, RetentionPolicy]) -> None:
        db, after = self._work.db, UUID(int=0)
        while True:
            tasks = await expired_runs.tasks_after(db, after, _TASKS_AT_ONCE)
            policies = {one: own.get(one, self._wanted.policy) for one, _ in tasks}
            kept = await expired_runs.oldest_kept(
                db, {task_id: policy.runs_kept for task_id, policy in policies.items()}
            )
            for task_id, name in tasks:
                self._names[task_id] = name
                policy = policies[task_id]
                await of_runs.remove(task_id, name, policy, kept=kept.get(task_id))
            if len(tasks) < _TASKS_AT_ONCE:
                break
            after = tasks[-1][0]
        await of_runs.remove(None, OF_DELETED_TASKS, self._wanted.policy, kept=None)

    async def _strays(self, of_runs: RunRetention) -> None:
        """Flow runs without a row, such as those that ended after their task was deleted."""
        policy = self._wanted.policy
        ages = [days for days in (policy.run_days, policy.log_days) if days != FOREVER]
        if ages:
            before = min(older_than(days, self._now) for days in ages)
            await of_runs.remove_strays(await self._removal.ended_before(before))

    async def _audit(self) -> None:
        before = older_than(self._wanted.audit_days, self._now)
        after = 0
        while True:
            count, last = await expired_audit.following(self._work.db, after, before)
            if count == 0:
                return
            if self._work.dry_run:
                self._work.report.audit += count
            else:
                async with self._work.portion() as connection:
                    self._work.report.audit += await expired_audit.delete(
                        connection, after, last, before
                    )
            after = last
