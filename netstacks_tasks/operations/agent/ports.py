"""What the agent's tools read from, besides devices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from netstacks_tasks.devices.ports import StateReader
from netstacks_tasks.models.ids import DeviceId, SnapshotId, TaskId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.runs import TaskRun
from netstacks_tasks.models.task import Task
from netstacks_tasks.store.backup_history import BackupRun
from netstacks_tasks.store.run_search import RunSearch
from netstacks_tasks.store.snapshots import Snapshot


class States(Protocol):
    """The adapters that read what devices do, by platform."""

    def state_for(self, platform: str) -> StateReader: ...


class Records(Protocol):
    """The task table, the history and the versions of configurations.

    Every method raises `StoreUnavailable` when the database does not answer.
    """

    async def recent_runs(self, wanted: RunSearch) -> list[TaskRun]:
        """The runs that match, the latest first."""
        ...

    async def backup_tasks(self) -> list[tuple[Task, list[Device]]]:
        """Every backup task, disabled ones too, with the devices of its target now."""
        ...

    async def backup_runs(self, task_id: TaskId, since: datetime) -> list[BackupRun]:
        """A task's runs that were due, or at work, since then; the latest first."""
        ...

    async def last_good_backups(
        self, task_id: TaskId, devices: Sequence[DeviceId]
    ) -> dict[DeviceId, datetime]:
        """When a task last had a configuration of each device; those never had are not there."""
        ...

    async def versions(
        self, device: DeviceId, source: str, destination: str | None, limit: int
    ) -> list[Snapshot]:
        """Versions of a device's configuration, the newest first."""
        ...

    async def version(self, snapshot_id: UUID) -> Snapshot:
        """One version; raises `NotFound`."""
        ...

    async def version_before(self, version: Snapshot) -> Snapshot | None:
        """The version before it, of the same device, destination and source."""
        ...

    async def difference(self, before: SnapshotId, after: SnapshotId) -> str:
        """A unified diff; it may hold secrets."""
        ...
