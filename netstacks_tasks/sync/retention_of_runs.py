"""Runs and their logs, portion by portion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.retention import RetentionPolicy, older_than
from netstacks_tasks.store import expired_runs
from netstacks_tasks.store.expired_runs import AT_ONCE, START, Place
from netstacks_tasks.sync.flow_run_removal import FlowRunRemoval
from netstacks_tasks.sync.retention_work import Work


class RunRetention:
    """Removes them from Prefect and then here."""

    def __init__(self, work: Work, removal: FlowRunRemoval, now: datetime) -> None:
        self._work = work
        self._removal = removal
        self._now = now
        self.going: set[RunId] = set()
        """Those that would go, when nothing really goes."""

    async def remove(
        self, task_id: TaskId | None, name: str, policy: RetentionPolicy, *, kept: Place | None
    ) -> None:
        """Remove what is beyond the policy of a task.

        Args:
            task_id: None: runs that deleted tasks left.
            name: as the report calls it.
            policy: what it keeps.
            kept: the oldest run that is kept by count; None: there are not so many.
        """
        db = self._work.db
        before, after = older_than(policy.run_days, self._now), START
        while True:
            found = await expired_runs.expired_runs(
                db, task_id, kept=kept, before=before, after=after
            )
            await self._remove_runs(name, [RunId(one.id) for one in found])
            if len(found) < AT_ONCE:
                break
            after = found[-1]
        before, after = older_than(policy.log_days, self._now), START
        while True:
            found = await expired_runs.expired_logs(db, task_id, before=before, after=after)
            logs = [RunId(one.id) for one in found if one.id not in self.going]
            await self._remove_logs(name, logs)
            if len(found) < AT_ONCE:
                return
            after = found[-1]

    async def _remove_runs(self, name: str, runs: Sequence[RunId]) -> None:
        if self._work.dry_run:
            self.going.update(runs)
            self._work.report.add("runs", name, len(runs))
        elif runs and (gone := await self._removal.remove(runs)):
            await expired_runs.delete_results(self._work.db, gone)
            async with self._work.portion() as connection:
                count = await expired_runs.delete_runs(connection, gone)
                self._work.report.add("runs", name, count)

    async def _remove_logs(self, name: str, runs: Sequence[RunId]) -> None:
        if self._work.dry_run:
            self._work.report.add("logs", name, len(runs))
        elif runs and (gone := await self._removal.remove(runs)):
            async with self._work.portion() as connection:
                count = await expired_runs.note_removed_logs(connection, gone)
                self._work.report.add("logs", name, count)

    async def remove_strays(self, ended: Sequence[RunId]) -> None:
        """Remove those of the flow runs of which the history expects nothing in Prefect."""
        for start in range(0, len(ended), AT_ONCE):
            some = ended[start : start + AT_ONCE]
            known = await expired_runs.logged(self._work.db, some)
            strays = set(some) - known
            if self._work.dry_run:
                self._work.report.strays += len(strays)
            elif strays:
                gone = await self._removal.remove(strays)
                async with self._work.portion():
                    self._work.report.strays += len(gone)
