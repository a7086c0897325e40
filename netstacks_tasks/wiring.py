"""Where the parts meet, and the Python API.

Example:
    ```python
    async with NetStacks.open() as netstacks:
        task = await netstacks.create({"name": "Nightly", ...})
        await netstacks.sync()
        run = await netstacks.ended(await netstacks.run_now(task.id))
    ```
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self
from uuid import UUID

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.embedded.endpoints import Endpoints, endpoints
from netstacks_tasks.embedded.prefect_context import pointed_at
from netstacks_tasks.errors import ConfigurationError, NotFound, SyncError
from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.importing.report import ImportReport
from netstacks_tasks.importing.sources import Format, Source
from netstacks_tasks.models import task_changes
from netstacks_tasks.models.ids import RunId, SnapshotId, TaskId
from netstacks_tasks.models.log_line import LogLine
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.runs import RunAttempt, TaskRun
from netstacks_tasks.models.schedule import Schedule
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import parse_task
from netstacks_tasks.settings import Settings, load_settings
from netstacks_tasks.store import inventory, runs, snapshots, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.snapshots import Snapshot, StoredConfig
from netstacks_tasks.store.tasks import TaskFilter

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

    from netstacks_tasks.sync.reconcile import SyncReport


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """A run with its attempts and what was found on each device."""

    run: TaskRun
    attempts: Sequence[RunAttempt]
    results: Sequence[DeviceResult]


class NetStacks:
    """Tasks, their runs and the configurations they kept.

    Every method raises `StoreUnavailable` when the database does not answer.
    Those that ask Prefect raise `SyncError` when it refuses, and its subclass
    `PrefectUnavailable` when it does not answer.
    """

    def __init__(self, db: Database, reach: Endpoints) -> None:
        self.db = db
        self.endpoints = reach

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings | None = None) -> AsyncIterator[Self]:
        """Connect to the database; Prefect is asked only when it is needed.

        Args:
            settings: where things are; as the environment says unless given.

        Raises:
            NotConnected: no database is known.
            ConfigurationError: its schema is not one this version can use.
            StoreUnavailable: it does not answer.
        """
        reach = endpoints(settings or load_settings())
        async with AsyncExitStack() as stack:
            if reach.prefect_api_url is not None:
                with suppress(ConfigurationError):  # told when Prefect is asked
                    reach.make_home()
                stack.enter_context(
                    pointed_at(
                        reach.prefect_api_url,
                        home=reach.prefect_home,
                        auth_string=reach.prefect_auth_string,
                    )
                )
            db = await stack.enter_async_context(Database.open(reach.database_url))
            yield cls(db, reach)

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

    # Prefect ---------------------------------------------------------------

    @asynccontextmanager
    async def _prefect(self) -> AsyncIterator[PrefectClient]:
        # Prefect takes seconds to import: only what asks it waits for that.
        from netstacks_tasks.sync.prefect_errors import open_client  # noqa: PLC0415

        self.endpoints.make_home()
        async with open_client(self.endpoints.api_url) as client:
            yield client

    async def sync(self, *, full: bool = False) -> SyncReport:
        """Make Prefect's deployments equal to the task table, and the history to its runs.

        Args:
            full: read every deployment back and put right what was changed there.
        """
        from netstacks_tasks.sync import manual_runs  # noqa: PLC0415
        from netstacks_tasks.sync.prefect_gateway import PrefectGateway  # noqa: PLC0415
        from netstacks_tasks.sync.reconcile import sync  # noqa: PLC0415

        pool = self.endpoints.work_pool
        async with self._prefect() as client:
            report = await sync(self.db, PrefectGateway(client), work_pool=pool, full=full)
            await manual_runs.feed_back(client, self.db)
        return report

    async def run_now(self, key: TaskId | str, *, idempotency_key: str | None = None) -> RunId:
        """Start a run of the task's deployment, which is made first if need be.

        Args:
            key: the task's id or name.
            idempotency_key: the same one again gives the run that it started.

        Raises:
            NotFound: there is no such task.
            SyncError: its deployment cannot be made.
        """
        from netstacks_tasks.sync import manual_runs  # noqa: PLC0415

        task = await self.task(key)
        if task.deployment_id is None or task.synced_hash is None:
            await self.sync()
            task = await self.task(task.id)
        if task.deployment_id is None or task.sync_error is not None:
            raise SyncError(f"the task {task.name!r} has no deployment: {task.sync_error}")
        async with self._prefect() as client:
            run_id = await manual_runs.start(client, task.deployment_id, idempotency_key)
        # The history knows it at once, not only when a worker or the sync has seen it.
        await runs.upsert_run(
            self.db, run_id, task.id, trigger="manual", scheduled_for=datetime.now(UTC)
        )
        return run_id

    async def ended(self, run_id: RunId) -> RunDetails:
        """Wait until a run is over; raises `NotFound` when there is no such run."""
        from netstacks_tasks.sync import manual_runs  # noqa: PLC0415

        async with self._prefect() as client:
            await manual_runs.ended(client, self.db, run_id)
        return await self.run(run_id)

    async def cancel(self, run_id: RunId) -> None:
        """End a run; raises `NotFound`, and `AlreadyEnded` when it is over."""
        from netstacks_tasks.sync import manual_runs  # noqa: PLC0415

        async with self._prefect() as client:
            await manual_runs.check_ours(client, self.db, run_id)
            await manual_runs.cancel(client, run_id)

    async def cancel_task(self, key: TaskId | str) -> list[RunId]:
        """End every run of a task that waits or works, and say which."""
        from netstacks_tasks.sync import manual_runs  # noqa: PLC0415

        task = await self.task(key)
        async with self._prefect() as client:
            open_runs = await manual_runs.under_way(client, self.db, task.id)
            return await manual_runs.cancel_all(client, open_runs)

    async def logs(
        self, run_id: RunId, *, after: datetime | None = None, limit: int = 200, offset: int = 0
    ) -> list[LogLine]:
        """Lines of a run's log, the oldest first; raises `NotFound`.

        Args:
            run_id: which run.
            after: only lines later than this.
            limit: how many at most.
            offset: how many of them to leave out first: the next page.
        """
        from netstacks_tasks.sync import manual_runs  # noqa: PLC0415
        from netstacks_tasks.sync.run_logs import read_logs  # noqa: PLC0415

        async with self._prefect() as client:
            await manual_runs.check_ours(client, self.db, run_id)
            return await read_logs(client, run_id, after=after, limit=limit, offset=offset)

    async def report(self, run_id: RunId) -> str | None:
        """What the newest attempt of a run reported, in markdown; None when it did not."""
        from netstacks_tasks.sync.run_reports import read_report  # noqa: PLC0415

        async with self._prefect() as client:
            return await read_report(client, run_id)

    def flow_run_url(self, run_id: RunId) -> str | None:
        """Where Prefect's page shows a run; None when no Prefect is known."""
        return self._page_of("flow-run", run_id)

    def deployment_url(self, task: Task) -> str | None:
        """Where Prefect's page shows a task; None: no Prefect is known, or not synced yet."""
        if task.deployment_id is None:
            return None
        return self._page_of("deployment", task.deployment_id)

    def _page_of(self, kind: Literal["flow-run", "deployment"], object_id: UUID) -> str | None:
        if self.endpoints.prefect_api_url is None:
            return None
        from netstacks_tasks.sync.prefect_pages import page_of  # noqa: PLC0415

        return page_of(kind, object_id)

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
