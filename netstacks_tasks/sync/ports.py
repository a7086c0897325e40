"""What the sync needs of Prefect's deployments; a fake of it serves the tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.sync.desired import Desired, Place
from netstacks_tasks.sync.plan import Actual


class DeploymentGateway(Protocol):
    """Reads and writes Prefect's deployments.

    Every method raises `PrefectUnavailable` when the server cannot be reached
    and `SyncError` when it refuses.
    """

    async def owned(self, installation: UUID) -> list[Actual]:
        """Every deployment that carries the installation's tag."""
        ...

    async def count_owned(self, installation: UUID) -> int:
        """How many deployments carry the installation's tag; cheap."""
        ...

    async def find(
        self, *, task_ids: Sequence[TaskId], places: Sequence[Place], ids: Sequence[UUID]
    ) -> list[Actual]:
        """Deployments of one of the tasks, at one of the places, or with one of the ids."""
        ...

    async def put(self, wanted: Desired) -> UUID:
        """Create the deployment, or make the one at its place equal to it."""
        ...

    async def requeue(self, deployment_id: UUID, place: Place) -> None:
        """Have runs that wait for a worker wait in the work pool that the deployment has now."""
        ...

    async def delete(self, deployment_id: UUID, *, successor: Place | None) -> None:
        """Remove a deployment and what was scheduled ahead for it; absent is fine.

        Runs that were waiting for their turn go to the successor, if any.
        """
        ...

    async def remove_spared_limits(self) -> None:
        """Remove what had to be left of deployments that were deleted while a run was at work."""
        ...

    async def ensure_work_pool(self, name: str) -> None:
        """Create a work pool of type `netstacks` unless there is one of that name."""
        ...
