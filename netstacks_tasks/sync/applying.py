"""Carries out a plan, and says in each row what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from netstacks_tasks.errors import SyncError
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.desired import TaskRow
from netstacks_tasks.sync.plan import Action, Confirm, Conflict, Create, Delete, Plan, Update
from netstacks_tasks.sync.ports import DeploymentGateway
from netstacks_tasks.sync.prefect_errors import PrefectUnavailable
from netstacks_tasks.sync.report import SyncReport

logger = logging.getLogger(__name__)


class Applying:
    """Carries out plans; what came of them collects in `report`."""

    def __init__(self, db: Database, gateway: DeploymentGateway) -> None:
        self._db = db
        self._gateway = gateway
        self.report = SyncReport()
        self.failed: dict[TaskId, int] = {}
        """Tasks that cannot be synced as they are -> their revision."""
        self.kept: set[TaskId | None] = set()
        """Tasks whose old deployment could not be deleted."""

    async def apply(self, todo: Plan) -> None:
        """Free places last wanted by others come first; a place is left only for a ready one."""
        taken = {action.place for action in todo.clear}
        await self._together([a for a in todo.put if a.desired.place not in taken])
        await self._together(
            [replace(a, successor=None) if a.successor in taken else a for a in todo.clear]
        )
        await self._together([a for a in todo.put if a.desired.place in taken])
        await self._together(todo.remove)

    async def fail(self, row: TaskRow, error: str) -> None:
        """A task cannot be synced, which is no reason to stop."""
        self.report.errors[row.name] = error
        self.failed[row.id] = row.revision
        await task_rows.mark_failed(self._db, row.id, error)
        logger.error(
            "task %s cannot be synced: %s",
            row.name,
            error,
            extra={"action": "sync_failed", "task_id": str(row.id)},
        )

    async def _together(self, actions: Sequence[Action]) -> None:
        """Side by side (the gateway bounds it); one that is refused does not stop the others."""
        outcomes = await asyncio.gather(
            *(self._perform(action) for action in actions), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _perform(self, action: Action) -> None:
        match action:
            case Delete():
                await self._delete(action)
            case Conflict():
                await self.fail(
                    action.desired.row,
                    f"deployment {str(action.desired.place)!r} ({action.deployment_id}) exists in "
                    "Prefect and is not ours; rename this task or remove that deployment",
                )
            case Confirm():
                self.report.unchanged += 1
                row = action.desired.row
                if (row.synced_hash, row.deployment_id) != (
                    action.desired.hash,
                    action.deployment_id,
                ):
                    await self._confirm(action)
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
            self.kept.add(action.task_id)
            self.report.errors[str(action.place)] = str(error)
            return
        self.report.deleted.append(str(action.place))
        self._log("delete", str(action.place), task_id=action.task_id)

    async def _put(self, action: Create | Update) -> None:
        row = action.desired.row
        try:
            deployment_id = await self._gateway.put(action.desired)
            if isinstance(action, Update):
                await self._requeue(action)
        except PrefectUnavailable:
            raise
        except SyncError as error:
            await self.fail(row, str(error))
            return
        await task_rows.mark_synced(self._db, action.desired, deployment_id)
        place = str(action.desired.place)
        if isinstance(action, Create):
            self.report.created.append(row.name)
            self._log("create", place, task_id=row.id)
        else:
            self.report.updated[row.name] = action.fields
            self._log("update", place, task_id=row.id, fields=list(action.fields))

    async def _confirm(self, action: Confirm) -> None:
        try:
            await self._requeue(action)
        except PrefectUnavailable:
            raise
        except SyncError as error:
            await self.fail(action.desired.row, str(error))
            return
        await task_rows.mark_synced(self._db, action.desired, action.deployment_id)

    async def _requeue(self, action: Update | Confirm) -> None:
        """Runs that wait go where the task is now, also when a sync ended before it saw to that."""
        row = action.desired.row
        if row.site_pool != row.placed_pool or (
            isinstance(action, Update) and "work_pool" in action.fields
        ):
            await self._gateway.requeue(action.deployment_id, action.desired.place)

    @staticmethod
    def _log(action: str, place: str, **context: object) -> None:
        extra = {"action": f"sync_{action}", "deployment": place}
        extra |= {name: str(value) for name, value in context.items()}
        logger.info("%s deployment %s", action, place, extra=extra)
