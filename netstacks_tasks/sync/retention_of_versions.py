"""Versions of configurations, the oldest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.retention import RetentionPolicy, older_than
from netstacks_tasks.store import expired_versions
from netstacks_tasks.store.expired_versions import AT_ONCE, OldVersion, VersionRule
from netstacks_tasks.store.version_log import BEGINNING
from netstacks_tasks.sync.retention_report import OF_DELETED_TASKS
from netstacks_tasks.sync.retention_work import Work

Series = tuple[UUID | str, str, str]


class VersionRetention:
    """Removes versions from the old end of each series, and never one from its middle.

    A page that shows what a version changed compares it with the one before it: with that
    one gone and an older one there, the page would show as one change what were two.
    """

    def __init__(self, work: Work, now: datetime, names: Mapping[TaskId, str]) -> None:
        self._work = work
        self._now = now
        self._names = names
        self._ended: set[Series] = set()
        """Series of which an older version stays."""

    async def remove(
        self,
        policy: RetentionPolicy,
        own: Mapping[TaskId, RetentionPolicy],
        *,
        going: Collection[RunId],
    ) -> None:
        """Remove what neither the policy nor a run that stays keeps.

        Args:
            policy: for versions of tasks that have none of their own, or are gone.
            own: of those that have.
            going: runs that are there still and need not be thought of.
        """
        rules = {task_id: self._rule(one) for task_id, one in own.items()}
        after = BEGINNING
        while True:
            found = await expired_versions.following(
                self._work.db, self._rule(policy), rules, after=after, all_runs=self._work.dry_run
            )
            await self._remove([one for one in found if self._goes(one, going)])
            if len(found) < AT_ONCE:
                return
            after = found[-1].place

    def _rule(self, policy: RetentionPolicy) -> VersionRule:
        before = older_than(policy.version_days, self._now)
        return VersionRule(kept=policy.versions_kept, before=before)

    def _goes(self, version: OldVersion, going: Collection[RunId]) -> bool:
        shown = any(run not in going for run in version.shown_by)
        if version.expired and not shown and version.series not in self._ended:
            return True
        self._ended.add(version.series)
        return False

    async def _remove(self, versions: Sequence[OldVersion]) -> None:
        if not versions:
            return
        if self._work.dry_run:
            self._count(versions)
            return
        async with self._work.portion() as connection:
            await expired_versions.delete(connection, [one.id for one in versions])
            self._count(versions)

    def _count(self, versions: Sequence[OldVersion]) -> None:
        for one in versions:
            task = OF_DELETED_TASKS if one.task_id is None else self._names.get(one.task_id)
            self._work.report.add("versions", task or OF_DELETED_TASKS, 1)
