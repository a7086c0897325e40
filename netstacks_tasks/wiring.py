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

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Self
from uuid import UUID

from netstacks_tasks.embedded.endpoints import Endpoints, endpoints
from netstacks_tasks.embedded.prefect_context import pointed_at
from netstacks_tasks.errors import ConfigurationError, SyncError
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.log_line import LogLine
from netstacks_tasks.models.task import Task
from netstacks_tasks.records import Records, RunDetails
from netstacks_tasks.settings import Settings, load_settings
from netstacks_tasks.store import runs
from netstacks_tasks.store.config_keys import sealing_of
from netstacks_tasks.store.database import Database

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

    from netstacks_tasks.sync.report import OnProgress, SyncReport


class NetStacks(Records):
    """Tasks, their runs and the configurations they kept.

    Every method raises `StoreUnavailable` when the database does not answer.
    Those that ask Prefect raise `SyncError` when it refuses, and its subclass
    `PrefectUnavailable` when it does not answer.
    """

    def __init__(self, db: Database, reach: Endpoints) -> None:
        super().__init__(db)
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
        chosen = settings or load_settings()
        reach = endpoints(chosen)
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
            db = await stack.enter_async_context(
                Database.open(reach.database_url, sealing=sealing_of(chosen.config_key_file))
            )
            yield cls(db, reach)

    @asynccontextmanager
    async def _prefect(self) -> AsyncIterator[PrefectClient]:
        # Prefect takes seconds to import: only what asks it waits for that.
        from netstacks_tasks.sync.prefect_errors import open_client  # noqa: PLC0415

        self.endpoints.make_home()
        async with open_client(self.endpoints.api_url) as client:
            yield client

    async def sync(
        self,
        *,
        full: bool = False,
        task_ids: Sequence[TaskId] = (),
        on_progress: OnProgress | None = None,
    ) -> SyncReport:
        """Make Prefect's deployments equal to the task table, and the history to its runs.

        Args:
            full: read every deployment back and put right what was changed there.
            task_ids: only these tasks.
            on_progress: told after every few tasks.
        """
        from netstacks_tasks.sync import manual_runs  # noqa: PLC0415
        from netstacks_tasks.sync.prefect_gateway import PrefectGateway  # noqa: PLC0415
        from netstacks_tasks.sync.reconcile import sync  # noqa: PLC0415

        pool = self.endpoints.work_pool
        async with self._prefect() as client:
            report = await sync(
                self.db,
                PrefectGateway(client),
                work_pool=pool,
                full=full,
                task_ids=task_ids,
                on_progress=on_progress,
            )
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
            # It alone: behind many others, after an import, it might wait for minutes.
            await self.sync(task_ids=[task.id])
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
