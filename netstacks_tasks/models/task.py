"""A task as it is kept: what was written, and what is known of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.task_spec import TaskSpec


class Task(Value):
    """A row of the task table; all times are aware."""

    spec: TaskSpec
    revision: int
    """Grows with every edit."""
    created_at: datetime
    updated_at: datetime
    next_run_at: datetime | None = None
    last_run_at: datetime | None = None
    last_status: str | None = None
    deployment_id: UUID | None = None
    """The Prefect deployment, once the sync has made it."""
    synced_hash: str | None = None
    synced_at: datetime | None = None
    sync_error: str | None = None

    @property
    def id(self) -> TaskId:
        """The task's id; a kept task always has one."""
        if self.spec.id is None:
            raise ValueError("a kept task has an id")
        return self.spec.id

    @property
    def name(self) -> str:
        return self.spec.name
