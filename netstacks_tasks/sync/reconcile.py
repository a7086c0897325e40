"""Makes Prefect's deployments equal to the task table, a few tasks at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.catalogue import Catalogue, load
from netstacks_tasks.sync.checking import check_following
from netstacks_tasks.sync.desired import Surroundings, TaskRow, desired
from netstacks_tasks.sync.portion import AT_ONCE, Portions
from netstacks_tasks.sync.ports import DeploymentGateway
from netstacks_tasks.sync.report import OnProgress, Progress, SyncReport


async def sync(
    db: Database,
    gateway: DeploymentGateway,
    *,
    catalogue: Catalogue | None = None,
    work_pool: str = "netstacks",
    environment: Mapping[str, str] | None = None,
    full: bool = False,
    task_ids: Sequence[TaskId] = (),
    on_progress: OnProgress | None = None,
) -> SyncReport:
    """Make Prefect's deployments equal to the task table.

    What was done is said in the rows as it is done: a sync that is stopped half-way
    is finished by the next one. Several at once share the work.

    Args:
        db: the task table.
        gateway: Prefect's deployments.
        catalogue: task type -> flow; the installed one when not given.
        work_pool: of tasks whose devices are not all in one site's pool; like those,
            it is created when it is missing.
        environment: variables for every flow run, besides retries and timeout.
        full: read every deployment back and put right what was changed there;
            otherwise only rows changed since their last sync cost a call.
        task_ids: only these tasks.
        on_progress: told after every few tasks.

    Raises:
        PrefectUnavailable: nothing is wrong with a row; try again.
        SyncError: Prefect refused what concerns no single row.
        StoreUnavailable: the task table cannot be read.
    """
    surroundings = Surroundings(
        catalogue=catalogue if catalogue is not None else load(),
        installation=await task_rows.installation(db),
        work_pool=work_pool,
        environment=environment or {},
    )
    run = _Sync(db, gateway, surroundings, on_progress or (lambda _: None))
    if task_ids:
        await run.some(task_ids)
        return run.report
    await task_rows.take_up_moved(db)
    await run.restamp()
    if full:
        await run.check()
    await run.backlog()
    if full:
        await run.strays()
    return run.report


class _Sync:
    """One sync; takes the lock for every portion anew."""

    def __init__(
        self,
        db: Database,
        gateway: DeploymentGateway,
        surroundings: Surroundings,
        on_progress: OnProgress,
    ) -> None:
        self._db = db
        self._gateway = gateway
        self._surroundings = surroundings
        self._on_progress = on_progress
        self._portions = Portions(db, gateway, surroundings)

    @property
    def report(self) -> SyncReport:
        return self._portions.applying.report

    async def some(self, task_ids: Sequence[TaskId]) -> None:
        async with task_rows.exclusive(self._db):
            await self._portions.make_equal(await task_rows.by_id(self._db, task_ids))

    async def backlog(self) -> None:
        """Rows changed since their last sync, the newest edit first, and deleted tasks."""
        if not any(await self._next()):
            return
        done = 0
        while True:
            async with task_rows.exclusive(self._db):
                # Another sync may have been at work until the lock was free.
                rows, gone, left = await self._next()
                if not (rows or gone):
                    return
                await self._portions.make_equal(rows, tombstones=gone)
            done += len(rows) + len(gone)
            self._on_progress(Progress(done=done, total=done + left - len(rows)))

    async def _next(self) -> tuple[list[TaskRow], dict[TaskId, UUID | None], int]:
        """Rows, deleted tasks, and how many rows there are in all."""
        applying = self._portions.applying
        rows, left = await task_rows.unsynced(
            self._db,
            self._surroundings.fingerprint,
            without=applying.failed,
            limit=AT_ONCE,
        )
        gone = await task_rows.tombstones(self._db, without=applying.kept, limit=AT_ONCE)
        return rows, gone, left

    async def restamp(self) -> None:
        """Rows written under other surroundings that come to the same cost Prefect nothing."""
        rows = await task_rows.stamped_otherwise(self._db, self._surroundings.fingerprint)
        same = {}
        for row in rows:
            item = desired(row, self._surroundings)
            before = row.synced_hash or ""
            if item is not None and item.hash.rpartition(".")[2] == before.rpartition(".")[2]:
                same[row.id] = (before, item.hash)
        await task_rows.restamp(self._db, same)

    async def check(self) -> None:
        """Compare every deployment with its row; what differs joins the backlog."""
        done, total = 0, await task_rows.count(self._db)
        after: TaskId | None = None
        while True:
            rows, fine = await check_following(self._db, self._gateway, self._surroundings, after)
            if not rows:
                return
            after = rows[-1].id
            done += len(rows)
            self.report.unchanged += fine
            self._on_progress(Progress(done=done, total=max(done, total), checking=True))

    async def strays(self) -> None:
        await self._portions.remove_strays()
