"""Times of tasks that passed without Prefect ever making a run for them.

It makes runs ahead of time; those are kept while a worker is away and the flow
itself decides about them when it starts late. What is left are times for which
no run was made because the server was down.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from netstacks_tasks.models import missed
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.schedule import Schedule
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.desired import installation_tag
from netstacks_tasks.sync.events import MISSED, emit, event_of
from netstacks_tasks.sync.flow_runs import FlowRuns

logger = logging.getLogger(__name__)

# A run for a time this near may still be on its way.
_GRACE = timedelta(seconds=45)


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
    revision: int
    checked_at: datetime

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.cron_expression, self.timezone)

    def following(self, now: datetime) -> datetime | None:
        """The next time; None when it is off."""
        return self.schedule.next(1, now)[0] if self.enabled else None

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
        """One round over the tasks whose time has passed; also sets their next one.

        Raises:
            PrefectUnavailable: Prefect does not answer.
            StoreUnavailable: PostgreSQL does not answer.
        """
        now = datetime.now(UTC)
        until = now - _GRACE
        rows = await task_rows.fetch(self._db, "schedules", {"now": now})
        tasks = [ScheduledTask(**row) for row in rows]
        following: dict[TaskId, datetime | None] = {}
        due: dict[TaskId, list[datetime]] = {}
        done: list[TaskId] = []
        for task in tasks:
            following[task.id] = task.following(now)
            if task.enabled and (times := task.schedule.between(task.checked_at, until)):
                due[task.id] = times
            # Whose newest time is younger than the grace is looked at again.
            if not (task.enabled and task.schedule.between(until, now)):
                done.append(task.id)
            # A millisecond or two each, and at midnight there are many.
            await asyncio.sleep(0)
        await self._set_next(tasks, following)
        if due:
            made = await self._made(due, until)
            for task in tasks:
                missing = [time for time in due.get(task.id, []) if (task.id, time) not in made]
                if missing:
                    await self._missed(task, missing, now)
            values: dict[str, object] = {"ids": list(due), "until": until}
            await task_rows.execute(self._db, "missed_checked", values)
        if done:
            values = {"ids": done, "times": [following[task_id] for task_id in done]}
            await task_rows.execute(self._db, "forget_due", values)

    async def _set_next(
        self, tasks: Sequence[ScheduledTask], following: Mapping[TaskId, datetime | None]
    ) -> None:
        moved = [task for task in tasks if following[task.id] != task.next_run_at]
        if moved:
            values = {
                "ids": [task.id for task in moved],
                "revisions": [task.revision for task in moved],
                "times": [following[task.id] for task in moved],
            }
            await task_rows.execute(self._db, "set_next_run", values)

    async def _made(
        self, due: Mapping[TaskId, Sequence[datetime]], until: datetime
    ) -> set[tuple[TaskId, datetime]]:
        """Times of which something came: by the history, or else by Prefect, which costs more."""
        start = min(times[0] for times in due.values())
        values = {"ids": list(due), "start": start}
        rows = await task_rows.fetch(self._db, "recorded_times", values)
        made = {(TaskId(row["task_id"]), row["scheduled_for"]) for row in rows}
        unknown = [time for key, times in due.items() for time in times if (key, time) not in made]
        if unknown:
            made |= {
                (run.task_id, run.scheduled_for)
                for run in await self._flow_runs.expected_between(min(unknown), until)
            }
        return made

    async def _missed(self, task: ScheduledTask, fresh: Sequence[datetime], now: datetime) -> None:
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
        due = f"It was due at {fresh[0]:%Y-%m-%d %H:%M} UTC"
        told = f"{due}, and {len(fresh) - 1} times since" if fresh[1:] else due
        made_up = f"{len(chosen)} of these times run now" if chosen else "none is made up for"
        await emit(
            event_of(
                MISSED,
                task.id,
                task_name=task.name,
                deployment_id=task.deployment_id,
                tags=[installation_tag(self._flow_runs.installation)],
                payload={"told": f"{told}; {made_up}."},
            )
        )
        logger.warning(
            "task %s missed %d times, %d of them run now",
            task.name,
            len(fresh),
            len(chosen),
            extra={"action": "times_missed", "task_id": str(task.id), "missed": len(fresh)},
        )
