"""Everything of the database that the agent's tools read, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from netstacks_tasks.models.ids import DeviceId, SnapshotId, TaskId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.runs import TaskRun
from netstacks_tasks.models.task import Task
from netstacks_tasks.store import backup_history, inventory, run_search, snapshots, tasks
from netstacks_tasks.store.backup_history import BackupRun
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.run_search import RunSearch
from netstacks_tasks.store.snapshots import Normalise, Snapshot
from netstacks_tasks.store.tasks import TaskFilter


@dataclass(frozen=True, slots=True)
class AgentRecords:
    """Reads, and never writes."""

    db: Database
    normalise: Normalise
    """Of configurations before they are compared; takes out what must not be shown in parts."""

    async def recent_runs(self, wanted: RunSearch) -> list[TaskRun]:
        return await run_search.recent_runs(self.db, wanted)

    async def backup_tasks(self) -> list[tuple[Task, list[Device]]]:
        found = await tasks.find(self.db, TaskFilter(task_type="backup"))
        return [(task, await inventory.targets_of(self.db, task)) for task in found]

    async def backup_runs(self, task_id: TaskId, since: datetime) -> list[BackupRun]:
        return await backup_history.backup_runs(self.db, task_id, since)

    async def last_good_backups(
        self, task_id: TaskId, devices: Sequence[DeviceId]
    ) -> dict[DeviceId, datetime]:
        return await backup_history.last_good_backups(self.db, task_id, devices)

    async def versions(
        self, device: DeviceId, source: str, destination: str | None, limit: int
    ) -> list[Snapshot]:
        return await snapshots.list_versions(
            self.db, device=device, source=source, destination=destination, limit=limit
        )

    async def version(self, snapshot_id: UUID) -> Snapshot:
        return await snapshots.get(self.db, snapshot_id)

    async def version_before(self, version: Snapshot) -> Snapshot | None:
        return await snapshots.previous(self.db, version)

    async def difference(self, before: SnapshotId, after: SnapshotId) -> str:
        return await snapshots.diff(self.db, before, after, normalise=self.normalise)
