"""Times of tasks that passed without Prefect ever making a run for them.

It makes runs ahead of time; those are kept while a worker is away and the flow
itself decides about them when it starts late. What is left are times for which
no run was made because the server was down.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from netstacks_tasks.models import missed
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.schedule import Schedule
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.flow_runs import FlowRuns

logger = logging.getLogger(__name__)

# A run for a time this near may still be on its way.
_GRACE = timedelta(seconds=90)
_MARK_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledTask:
    """What of a task's row concerns its times."""

    id: TaskId
    name: str
    task_type: str
    cron_expression: str
    timezone: str
    enabled: bool
    missed_runs: missed.MissedPolicy
    missed_window_seconds: int | None
    deployment_id: UUID | None
    next_run_at: datetime | None
    checked_at: datetime

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.cron_expression, self.timezone)

    def to_make_up(self, missed_ones: Sequence[datetime], now: datetime) -> list[datetime]:
        """Which of the missed times run after all; they are in order and not empty."""
        return missed.made_up(
            policy=self.missed_runs,
            window=self.missed_window_seconds,
            missed=missed_ones,
            now=now,
            next_after=self.schedule.next(1, missed_ones[-1])[0],
        )


class MissedTimes:
    """Records missed times once each, and starts what the task's policy asks for."""

    def __init__(self, db: Database, flow_runs: FlowRuns) -> None:
        self._db = db
        self._flow_runs = flow_runs

    async def check(self) -> None:
        """One round; also keeps `next_run_at` true.

        Raises:
            PrefectUnavailable: Prefect does not answer.
            StoreUnavailable: PostgreSQL does not answer.
        """
        now = datetime.now(UTC)
        tasks = [ScheduledTask(**row) for row in await task_rows.fetch(self._db, "schedules")]
        for task in tasks:
            await self._set_next(task, now)
        until = now - _GRACE
        due = {
            task.id: times
            for task in tasks
            if task.enabled and (times := task.schedule.between(task.checked_at, until))
        }
        made: set[tuple[TaskId, datetime]] = set()
        if due:
            start = min(times[0] for times in due.values())
            made = {
                (run.task_id, run.scheduled_for)
                for run in await self._flow_runs.expected_between(start, now)
            }
        for task in tasks:
            missing = [time for time in due.get(task.id, []) if (task.id, time) not in made]
            if missing:
                await self._missed(task, missing, now)
            if task.id in due or until - task.checked_at > _MARK_EVERY:
                values = {"id": task.id, "until": until}
                await task_rows.execute(self._db, "missed_checked", values)

    async def _set_next(self, task: ScheduledTask, now: datetime) -> None:
        following = task.schedule.next(1, now)[0] if task.enabled else None
        if following != task.next_run_at:
            values = {"id": task.id, "next_run_at": following}
            await task_rows.execute(self._db, "set_next_run", values)

    async def _missed(
        self, task: ScheduledTask, missing: Sequence[datetime], now: datetime
    ) -> None:
        values = {"id": task.id, "after": missing[0] - timedelta(seconds=1)}
        rows = await task_rows.fetch(self._db, "recorded_times", values)
        recorded = {row["scheduled_for"] for row in rows}
        fresh = [time for time in missing if time not in recorded]
        if not fresh:
            return
        chosen = task.to_make_up(fresh, now) if task.deployment_id is not None else []
        for time in chosen:
            if task.deployment_id is not None:
                # First, and idempotent: after a crash here it is asked for again.
                await self._flow_runs.catch_up(task.deployment_id, time)
        for time in fresh:
            message = "Nothing could run at this time" + (
                "; made up for by a catch-up run." if time in chosen else "."
            )
            await task_rows.execute(
                self._db,
                "insert_missed",
                {"id": task.id, "scheduled_for": time, "message": message},
            )
        logger.warning(
            "task %s missed %d times, %d of them run now",
            task.name,
            len(fresh),
            len(chosen),
            extra={"action": "times_missed", "task_id": str(task.id), "missed": len(fresh)},
        )
