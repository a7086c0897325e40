"""Read the task table and Prefect, plan, apply, and say in each row what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never
from uuid import UUID

from netstacks_tasks.errors import SyncError
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.catalogue import Catalogue, load
from netstacks_tasks.sync.desired import Desired, TaskRow, desired
from netstacks_tasks.sync.plan import (
    Actual,
    Confirm,
    Conflict,
    Create,
    Delete,
    Plan,
    Update,
    owner,
    plan,
)
from netstacks_tasks.sync.ports import DeploymentGateway
from netstacks_tasks.sync.prefect_errors import PrefectUnavailable

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class SyncReport:
    """What one sync did, by the tasks' names; deployments deleted by `flow/name`."""

    created: list[str] = field(default_factory=list)
    updated: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Task -> the fields that differed."""
    deleted: list[str] = field(default_factory=list)
    unchanged: int = 0
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated or self.deleted)


async def sync(
    db: Database,
    gateway: DeploymentGateway,
    *,
    catalogue: Catalogue | None = None,
    work_pool: str = "netstacks",
    environment: Mapping[str, str] | None = None,
    full: bool = False,
    task_ids: Sequence[TaskId] = (),
) -> SyncReport:
    """Make Prefect's deployments equal to the task table.

    Args:
        db: the task table.
        gateway: Prefect's deployments.
        catalogue: task type -> flow; the installed one when not given.
        work_pool: created when it is missing.
        environment: variables for every flow run, besides retries and timeout.
        full: read every deployment back and put right what was changed there;
            otherwise only rows changed since their last sync cost a call.
        task_ids: rows to look at besides those known to have changed.

    Raises:
        PrefectUnavailable: nothing is wrong with a row; try again.
        SyncError: Prefect refused what concerns no single row.
        StoreUnavailable: the task table cannot be read.
    """
    run = _Sync(
        db,
        gateway,
        catalogue=catalogue if catalogue is not None else load(),
        work_pool=work_pool,
        environment=environment or {},
        installation=await task_rows.installation(db),
    )
    async with task_rows.exclusive(db):
        return await run.run(full=full, task_ids=task_ids)


class _Sync:
    """One sync, under the lock."""

    def __init__(
        self,
        db: Database,
        gateway: DeploymentGateway,
        *,
        catalogue: Catalogue,
        work_pool: str,
        environment: Mapping[str, str],
        installation: UUID,
    ) -> None:
        self._db = db
        self._gateway = gateway
        self._catalogue = catalogue
        self._work_pool = work_pool
        self._environment = environment
        self._installation = installation
        self._report = SyncReport()
        self._kept: set[TaskId | None] = set()
        """Tasks whose old deployment could not be deleted."""

    async def run(self, *, full: bool, task_ids: Sequence[TaskId]) -> SyncReport:
        rows = await task_rows.rows(self._db, everything=full, ids=task_ids)
        wanted = await self._wanted(rows)
        tombstones = await task_rows.tombstones(self._db)
        if not full:
            fresh = [item for item in wanted if item.row.synced_hash == item.hash]
            self._report.unchanged += len(fresh)
            wanted = [item for item in wanted if item.row.synced_hash != item.hash]
            if not wanted and not tombstones:
                return self._report
        await self._gateway.ensure_work_pool(self._work_pool)
        known = await task_rows.known_deployments(self._db)
        wanted, actual = await self._actual(wanted, tombstones, known, full=full)
        todo = plan(wanted, actual, installation=self._installation, known=known)
        await self._apply(todo)
        await task_rows.forget_tombstones(
            self._db, [task_id for task_id in tombstones if task_id not in self._kept]
        )
        return self._report

    async def _wanted(self, rows: Sequence[TaskRow]) -> list[Desired]:
        wanted = []
        for row in rows:
            item = desired(
                row,
                catalogue=self._catalogue,
                installation=self._installation,
                work_pool=self._work_pool,
                environment=self._environment,
            )
            if item is None:
                await self._failed(row, f"no flow is installed for task type {row.task_type!r}")
            else:
                wanted.append(item)
        return wanted

    async def _actual(
        self,
        wanted: list[Desired],
        tombstones: Mapping[TaskId, UUID | None],
        known: Mapping[UUID, TaskId],
        *,
        full: bool,
    ) -> tuple[list[Desired], list[Actual]]:
        """The deployments that matter, and the rows of ours that stand in the way too."""
        actual = {}
        if full:
            actual = {item.id: item for item in await self._gateway.owned(self._installation)}
        actual |= {item.id: item for item in await self._find(wanted, tombstones, known, full=full)}
        chosen = {item.row.id for item in wanted}
        others = {
            task_id
            for item in actual.values()
            for ours, task_id in [owner(item, self._installation, known)]
            if ours and task_id is not None and task_id not in chosen
        }
        if others and not full:
            rows = await task_rows.rows(self._db, ids=sorted(others))
            more = await self._wanted([row for row in rows if row.id in others])
            found = await self._find(more, {}, known, full=False)
            actual |= {item.id: item for item in found}
            wanted = wanted + more
        return wanted, list(actual.values())

    async def _find(
        self,
        wanted: Sequence[Desired],
        tombstones: Mapping[TaskId, UUID | None],
        known: Mapping[UUID, TaskId],
        *,
        full: bool,
    ) -> list[Actual]:
        """Deployments at the wanted places; in part also those of the tasks, wherever they are."""
        ids = [item for item in tombstones.values() if item is not None]
        if full:
            ids += list(known)
            tasks: list[TaskId] = []
        else:
            ids += [item.row.deployment_id for item in wanted if item.row.deployment_id is not None]
            tasks = [*tombstones, *(item.row.id for item in wanted)]
        places = [item.place for item in wanted]
        found = await self._gateway.find(task_ids=tasks, places=places, ids=ids)
        at = set(places)
        # The same names in other flows, and other installations' copies, are none of our business.
        return [
            item for item in found if item.place in at or owner(item, self._installation, known)[0]
        ]

    async def _apply(self, todo: Plan) -> None:
        """Free places last wanted by others come first; a place is left only for a ready one."""
        taken = {action.place for action in todo.clear}
        await self._together([a for a in todo.put if a.desired.place not in taken])
        await self._together(
            [_without_successor(a) if a.successor in taken else a for a in todo.clear]
        )
        await self._together([a for a in todo.put if a.desired.place in taken])
        await self._together(todo.remove)

    async def _together(
        self, actions: Sequence[Create | Update | Confirm | Conflict | Delete]
    ) -> None:
        """Side by side (the gateway bounds it); one that is refused does not stop the others."""
        outcomes = await asyncio.gather(
            *(self._perform(action) for action in actions), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _perform(self, action: Create | Update | Confirm | Conflict | Delete) -> None:
        match action:
            case Delete():
                await self._delete(action)
            case Conflict():
                await self._failed(
                    action.desired.row,
                    f"deployment {str(action.desired.place)!r} ({action.deployment_id}) exists in "
                    "Prefect and is not ours; rename this task or remove that deployment",
                )
            case Confirm():
                self._report.unchanged += 1
                row = action.desired.row
                if (row.synced_hash, row.deployment_id) != (
                    action.desired.hash,
                    action.deployment_id,
                ):
                    await task_rows.mark_synced(self._db, action.desired, action.deployment_id)
            case Create() | Update():
                await self._put(action)
            case _:
                assert_never(action)

    async def _delete(self, action: Delete) -> None:
        try:
            await self._gateway.delete(action.deployment_id, successor=action.successor)
        except PrefectUnavailable:
            raise
        except SyncError as error:
            self._kept.add(action.task_id)
            self._report.errors[str(action.place)] = str(error)
            return
        self._report.deleted.append(str(action.place))
        self._log("delete", str(action.place), task_id=action.task_id)

    async def _put(self, action: Create | Update) -> None:
        row = action.desired.row
        try:
            deployment_id = await self._gateway.put(action.desired)
        except PrefectUnavailable:
            raise
        except SyncError as error:
            await self._failed(row, str(error))
            return
        await task_rows.mark_synced(self._db, action.desired, deployment_id)
        if isinstance(action, Create):
            self._report.created.append(row.name)
            self._log("create", str(action.desired.place), task_id=row.id)
        else:
            self._report.updated[row.name] = action.fields
            self._log(
                "update", str(action.desired.place), task_id=row.id, fields=list(action.fields)
            )

    async def _failed(self, row: TaskRow, error: str) -> None:
        self._report.errors[row.name] = error
        await task_rows.mark_failed(self._db, row.id, error)
        logger.error(
            "task %s cannot be synced: %s",
            row.name,
            error,
            extra={"action": "sync_failed", "task_id": str(row.id)},
        )

    @staticmethod
    def _log(action: str, place: str, **context: object) -> None:
        extra = {"action": f"sync_{action}", "deployment": place}
        extra |= {name: str(value) for name, value in context.items()}
        logger.info("%s deployment %s", action, place, extra=extra)


def _without_successor(action: Delete) -> Delete:
    return Delete(
        deployment_id=action.deployment_id,
        place=action.place,
        task_id=action.task_id,
        successor=None,
    )
