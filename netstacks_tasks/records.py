"""What the database alone knows: tasks, their history and the configurations they kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.errors import NotFound
from netstacks_tasks.importing.declared.apply import ApplyOptions, apply_plan, make_plan
from netstacks_tasks.importing.declared.export import Exported, export_files
from netstacks_tasks.importing.declared.plan import Plan
from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.importing.entries import Entries
from netstacks_tasks.importing.report import ImportReport
from netstacks_tasks.importing.sources import Format, Source
from netstacks_tasks.models import task_changes
from netstacks_tasks.models.ids import RunId, SnapshotId, TaskId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.runs import RunAttempt, TaskRun
from netstacks_tasks.models.schedule import Schedule
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import parse_task
from netstacks_tasks.store import inventory, runs, snapshots, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.resealing import reseal
from netstacks_tasks.store.snapshots import Snapshot, StoredConfig
from netstacks_tasks.store.tasks import TaskFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """A run with its attempts and what was found on each device."""

    run: TaskRun
    attempts: Sequence[RunAttempt]
    results: Sequence[DeviceResult]


class Records:
    """Tasks, their runs and configurations, as the database has them.

    Every method raises `StoreUnavailable` when the database does not answer.
    """

    def __init__(self, db: Database) -> None:
        self.db = db

    # Tasks -----------------------------------------------------------------

    async def create(self, document: Mapping[str, Any] | str | bytes) -> Task:
        """Save a new task; raises `InvalidInput` and saves nothing when it is not right."""
        return await tasks.create(self.db, parse_task(document))

    async def task(self, key: TaskId | str) -> Task:
        """One task by id or name; raises `NotFound`."""
        return await tasks.get(self.db, key)

    async def tasks(self, only: TaskFilter | None = None) -> list[Task]:
        """Tasks by name."""
        return await tasks.find(self.db, only)

    async def update(
        self, key: TaskId | str, changes: Mapping[str, Any], *, revision: int | None = None
    ) -> Task:
        """Change some fields; the whole change is made, or none of it.

        Args:
            key: the task's id or name.
            changes: new values by field. `parameters` replaces them all,
                `parameters.destination` one of them.
            revision: refuse if the task was edited since it had this one.

        Raises:
            NotFound: there is no such task.
            InvalidInput: the result would be no task.
            RevisionConflict: somebody else edited it meanwhile.
        """
        if task_changes.names_single_parameters(changes):
            before = await self.task(key)
            changes = task_changes.whole_fields(before.spec, changes)
            revision = before.revision if revision is None else revision
        return await tasks.update(self.db, key, changes, revision)

    async def enable(self, key: TaskId | str) -> Task:
        """Let the schedule run the task."""
        return await tasks.set_enabled(self.db, key, True)

    async def disable(self, key: TaskId | str) -> Task:
        """Let the schedule skip the task; it can still be run by hand."""
        return await tasks.set_enabled(self.db, key, False)

    async def delete(self, key: TaskId | str, *, revision: int | None = None) -> Task:
        """Remove the task; its history stays. Returns what it was.

        Args:
            key: the task's id or name.
            revision: refuse if the task was edited since it had this one.

        Raises:
            NotFound: there is no such task.
            RevisionConflict: somebody edited it meanwhile.
        """
        return await tasks.delete(self.db, key, revision)

    async def guidance(self, task: Task) -> tuple[str, ...]:
        """What is allowed and not advised."""
        return task.spec.guidance(len(await inventory.targets_of(self.db, task)))

    @staticmethod
    def preview(
        cron_expression: str, timezone: str, count: int = 5, after: datetime | None = None
    ) -> list[datetime]:
        """The next times of a schedule, in UTC; raises `InvalidInput`."""
        return Schedule(cron_expression, timezone).next(count, after or datetime.now(UTC))

    # History ---------------------------------------------------------------

    async def history(
        self, key: TaskId | str | None = None, limit: int = 20, before: RunId | None = None
    ) -> list[TaskRun]:
        """Runs of a task, or of all, the latest first.

        Args:
            key: whose; None: of all tasks, deleted ones too.
            limit: how many at most.
            before: the last run of the page before.
        """
        task_id = None if key is None else (await self.task(key)).id
        place = None if before is None else runs.HistoryKey.of(await runs.get(self.db, before))
        return await runs.history(self.db, task_id, limit, place)

    async def run(self, run_id: RunId) -> RunDetails:
        """One run whole; raises `NotFound`."""
        return RunDetails(
            run=await runs.get(self.db, run_id),
            attempts=await runs.attempts(self.db, run_id),
            results=await runs.results(self.db, run_id),
        )

    # Configurations ----------------------------------------------------------

    async def snapshots(
        self,
        device: str | None = None,
        destination: str | None = None,
        source: str | None = None,
        limit: int = 50,
        before: Snapshot | None = None,
    ) -> list[Snapshot]:
        """Versions of configurations, the newest first.

        Args:
            device: by name or id.
            destination: as in the task.
            source: `running` or `startup`.
            limit: how many at most.
            before: the last version of the page before.
        """
        return await snapshots.list_versions(
            self.db,
            device=device,
            destination=destination,
            source=source,
            limit=limit,
            before=before,
        )

    async def snapshot(self, snapshot_id: UUID) -> StoredConfig:
        """One version with its text; raises `NotFound`."""
        return await snapshots.get(self.db, snapshot_id)

    async def encrypt_snapshots(self) -> int:
        """Encrypt the versions that the present key does not; how many those were.

        Raises:
            ConfigurationError: there is no key, or none that opens some version.
        """
        return await reseal(self.db, normalise)

    async def diff(self, after: UUID, before: UUID | None = None) -> str:
        """A unified diff of two versions, by default of one and the one before it.

        Raises:
            NotFound: one of them does not exist.
        """
        newer = await snapshots.get(self.db, after)
        if before is None:
            older = await snapshots.previous(self.db, newer)
            if older is None:
                raise NotFound("version before", after)
            before = older.id
        return await snapshots.diff(
            self.db, SnapshotId(before), SnapshotId(newer.id), normalise=normalise
        )

    async def import_files(
        self, files: Sequence[Path | Source], form: Format | None = None
    ) -> ImportReport:
        """Import inventory and tasks: all or nothing; raises `InvalidInput`.

        Args:
            files: YAML, JSON or CSV.
            form: how to read them; by their suffixes unless told.
        """
        return await import_documents(self.db, files, form)

    async def export_files(self, root: Path) -> Exported:
        """Write the inventory and the tasks to a folder, a file each; raises `InvalidInput`."""
        return await export_files(self.db, root)

    async def plan(self, declared: Entries, options: ApplyOptions | None = None) -> Plan:
        """What `apply` would do; raises `InvalidInput` with every fault of the files.

        Args:
            declared: what the files say: `declared_in`.
            options: how to apply them.
        """
        return await make_plan(self.db, declared, options or ApplyOptions())

    async def apply(
        self, declared: Entries, shown: Plan, options: ApplyOptions | None = None
    ) -> Plan:
        """Do what a plan says, in one transaction or not at all.

        Raises:
            EditedMeanwhile: by now it would do something else.
            InvalidInput: as for `plan`.
        """
        return await apply_plan(self.db, declared, options or ApplyOptions(), shown)
