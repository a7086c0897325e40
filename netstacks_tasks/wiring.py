"""Where the parts meet, and the Python API.

Example:
    ```python
    async with NetStacks.open() as netstacks:
        task = await netstacks.create({"name": "Nightly", ...})
        await netstacks.sync()
        run_id = await netstacks.run_now(task.id)
    ```
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.embedded.connection import running_stack
from netstacks_tasks.embedded.prefect_context import pointed_at
from netstacks_tasks.errors import ConfigurationError, NotFound
from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.importing.report import ImportReport
from netstacks_tasks.models.ids import RunId, SnapshotId, TaskId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.runs import RunAttempt, TaskRun
from netstacks_tasks.models.schedule import Schedule
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import parse_task
from netstacks_tasks.settings import Settings, load_settings
from netstacks_tasks.store import inventory, runs, snapshots, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.snapshots import Snapshot, StoredConfig

if TYPE_CHECKING:
    from netstacks_tasks.sync.reconcile import SyncReport

NO_STACK = (
    "no database is known: start everything with `netstacks up`, or set NETSTACKS_DATABASE_URL "
    "(and PREFECT_API_URL) to what runs already"
)
NO_PREFECT = "no Prefect server is known: start one with `netstacks up`, or set PREFECT_API_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What a process talks to."""

    database_url: str = field(repr=False)
    prefect_api_url: str | None
    prefect_home: Path
    work_pool: str


def endpoints(settings: Settings) -> Endpoints:
    """As the environment says; else those of the stack that runs on the state folder.

    Raises:
        ConfigurationError: neither names a database.
    """
    running = running_stack(settings.state_dir)
    given = settings.database_url
    if given is None and running is None:
        raise ConfigurationError(NO_STACK)
    return Endpoints(
        database_url=given.get_secret_value() if given else running.database_url if running else "",
        prefect_api_url=settings.prefect_api_url or (running.prefect_api_url if running else None),
        prefect_home=settings.state_dir / "prefect",
        work_pool=settings.work_pool,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """A run with its attempts and what was found on each device."""

    run: TaskRun
    attempts: Sequence[RunAttempt]
    results: Sequence[DeviceResult]


class NetStacks:
    """Tasks, their runs and the configurations they kept."""

    def __init__(self, db: Database, reach: Endpoints) -> None:
        self.db = db
        self.endpoints = reach

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings | None = None) -> AsyncIterator[Self]:
        """Connect to the database; Prefect is asked only when it is needed.

        Raises:
            ConfigurationError: no database is known, or its schema is not ours.
            StoreUnavailable: the database does not answer.
        """
        reach = endpoints(settings or load_settings())
        async with AsyncExitStack() as stack:
            if reach.prefect_api_url is not None:
                stack.enter_context(pointed_at(reach.prefect_api_url, home=reach.prefect_home))
            db = await stack.enter_async_context(Database.open(reach.database_url))
            yield cls(db, reach)

    @property
    def api_url(self) -> str:
        """Prefect's API.

        Raises:
            ConfigurationError: none is known.
        """
        if self.endpoints.prefect_api_url is None:
            raise ConfigurationError(NO_PREFECT)
        return self.endpoints.prefect_api_url

    # Tasks -----------------------------------------------------------------

    async def create(self, document: Mapping[str, Any] | str | bytes) -> Task:
        """Save a new task; raises `InvalidInput` and saves nothing when it is not right."""
        return await tasks.create(self.db, parse_task(document))

    async def task(self, key: TaskId | str) -> Task:
        """One task by id or name; raises `NotFound`."""
        return await tasks.get(self.db, key)

    async def tasks(self, only: tasks.TaskFilter | None = None) -> list[Task]:
        """Tasks by name."""
        return await tasks.find(self.db, only)

    async def update(
        self, key: TaskId | str, changes: Mapping[str, Any], *, revision: int | None = None
    ) -> Task:
        """Change some fields; raises `InvalidInput`, `NotFound`."""
        return await tasks.update(self.db, key, changes, revision)

    async def enable(self, key: TaskId | str) -> Task:
        """Let the schedule run the task."""
        return await tasks.set_enabled(self.db, key, True)

    async def disable(self, key: TaskId | str) -> Task:
        """Let the schedule skip the task; it can still be run by hand."""
        return await tasks.set_enabled(self.db, key, False)

    async def delete(self, key: TaskId | str) -> Task:
        """Remove the task; its history stays."""
        return await tasks.delete(self.db, key)

    async def guidance(self, task: Task) -> tuple[str, ...]:
        """What is allowed and not advised."""
        return task.spec.guidance(len(await inventory.targets_of(self.db, task)))

    @staticmethod
    def preview(
        cron_expression: str, timezone: str, count: int = 5, after: datetime | None = None
    ) -> list[datetime]:
        """The next times of a schedule, in UTC; raises `InvalidInput`."""
        return Schedule(cron_expression, timezone).next(count, after or datetime.now(UTC))

    # Prefect ---------------------------------------------------------------

    async def sync(self, *, full: bool = False) -> SyncReport:
        """Make Prefect's deployments equal to the task table.

        Raises:
            SyncError: Prefect does not answer, or refuses.
        """
        from netstacks_tasks.sync.prefect_gateway import PrefectGateway  # noqa: PLC0415
        from netstacks_tasks.sync.reconcile import sync  # noqa: PLC0415

        async with PrefectGateway.open(self.api_url) as gateway:
            return await sync(self.db, gateway, work_pool=self.endpoints.work_pool, full=full)

    async def run_now(self, key: TaskId | str) -> RunId:
        """Start a run of the task's deployment; the deployment is made if need be.

        Raises:
            NotFound: there is no such task.
            SyncError: Prefect does not answer, or refuses.
        """
        from netstacks_tasks.sync.prefect_errors import open_client, translated  # noqa: PLC0415

        task = await self.task(key)
        if task.deployment_id is None or task.synced_hash is None:
            report = await self.sync()
            if task.name in report.errors:
                raise ConfigurationError(report.errors[task.name])
            task = await self.task(task.id)
        if task.deployment_id is None:
            raise ConfigurationError(f"the task {task.name!r} has no deployment: {task.sync_error}")
        async with open_client(self.api_url) as client, translated("start a run"):
            run = await client.create_flow_run_from_deployment(task.deployment_id)
        return RunId(run.id)

    async def cancel(self, run_id: RunId) -> None:
        """Ask Prefect to end a run.

        Raises:
            SyncError: Prefect does not answer, or refuses.
        """
        from prefect.client.schemas.objects import State, StateType  # noqa: PLC0415

        from netstacks_tasks.sync.prefect_errors import open_client, translated  # noqa: PLC0415

        async with open_client(self.api_url) as client, translated("cancel the run"):
            wanted: State[None] = State(type=StateType.CANCELLING, name="Cancelling")
            await client.set_flow_run_state(run_id, wanted)

    # History ---------------------------------------------------------------

    async def history(self, key: TaskId | str | None = None, limit: int = 20) -> list[TaskRun]:
        """Runs of a task, or of all, the latest first."""
        task_id = None if key is None else (await self.task(key)).id
        return await runs.history(self.db, task_id, limit)

    async def run(self, run_id: RunId) -> RunDetails:
        """One run whole; raises `NotFound`."""
        return RunDetails(
            run=await runs.get(self.db, run_id),
            attempts=await runs.attempts(self.db, run_id),
            results=await runs.results(self.db, run_id),
        )

    # Configurations ----------------------------------------------------------

    async def snapshots(
        self, device: str | None = None, destination: str | None = None, limit: int = 50
    ) -> list[Snapshot]:
        """Versions of configurations, the newest first."""
        return await snapshots.list_versions(
            self.db, device=device, destination=destination, limit=limit
        )

    async def snapshot(self, snapshot_id: UUID) -> StoredConfig:
        """One version with its text; raises `NotFound`."""
        return await snapshots.get(self.db, snapshot_id)

    async def diff(self, after: UUID, before: UUID | None = None) -> str:
        """A unified diff of two versions, by default of one and the one before it."""
        newer = await snapshots.get(self.db, after)
        if before is None:
            older = await snapshots.previous(self.db, newer)
            if older is None:
                raise NotFound("version before", after)
            before = older.id
        return await snapshots.diff(
            self.db, SnapshotId(before), SnapshotId(newer.id), normalise=normalise
        )

    async def import_files(self, files: Sequence[Path]) -> ImportReport:
        """Import inventory and tasks: all or nothing; raises `InvalidInput`."""
        return await import_documents(self.db, files)
