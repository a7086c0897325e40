"""Makes the deployments of a few tasks equal to their rows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from netstacks_tasks.errors import SyncError
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.applying import Applying
from netstacks_tasks.sync.desired import Desired, Surroundings, TaskRow, desired
from netstacks_tasks.sync.plan import Actual, owner, plan
from netstacks_tasks.sync.ports import DeploymentGateway
from netstacks_tasks.sync.prefect_errors import PrefectUnavailable

logger = logging.getLogger(__name__)

# The lock is free, and the newest edit comes next, after each portion: a task
# edited during a sync of many waits for one of them. Few enough that it is in
# Prefect within a second or so, where a server writes ten deployments a second.
AT_ONCE: Final = 6


class Portions:
    """Reads, plans and applies."""

    def __init__(
        self, db: Database, gateway: DeploymentGateway, surroundings: Surroundings
    ) -> None:
        self._db = db
        self._gateway = gateway
        self._surroundings = surroundings
        self._pools: set[str] = set()
        """Those that are there."""
        self.applying = Applying(db, gateway)

    async def make_equal(
        self,
        rows: Sequence[TaskRow],
        *,
        tombstones: Mapping[TaskId, UUID | None] | None = None,
        strays: Sequence[Actual] = (),
    ) -> None:
        """Put right what these tasks, deleted tasks and deployments concern.

        To be called under the lock of `task_rows.exclusive`.

        Args:
            rows: of tasks.
            tombstones: deleted tasks, with their deployment's id if it is known.
            strays: deployments of ours that no row knows.
        """
        gone = tombstones or {}
        wanted = [item for item in await self._wanted(rows) if item.row.synced_hash != item.hash]
        if not (wanted or gone or strays):
            return
        # Side by side: whoever edits a task waits for both.
        _, (wanted, actual, known) = await asyncio.gather(
            self._ensure_pools(wanted), self._affected(wanted, gone, strays)
        )
        installation = self._surroundings.installation
        await self.applying.apply(plan(wanted, actual, installation=installation, known=known))
        done = [task_id for task_id in gone if task_id not in self.applying.kept]
        await task_rows.forget_tombstones(self._db, done)

    async def _ensure_pools(self, wanted: Sequence[Desired]) -> None:
        for pool in {item.content.work_pool for item in wanted} - self._pools:
            if pool is None:
                continue
            try:
                await self._gateway.ensure_work_pool(pool)
            except PrefectUnavailable:
                raise
            except SyncError as error:
                # Told of each task that needs it, and no reason for the others to wait.
                logger.warning("%s", error, extra={"action": "pool_failed", "work_pool": pool})
                continue
            self._pools.add(pool)

    async def remove_strays(self, *, surely: bool = False) -> None:
        """Deployments of ours that no row knows.

        To count them all is cheap; to read them all is not, and rarely needed.

        Args:
            surely: read them all, whatever their number is.
        """
        installation = self._surroundings.installation
        if not surely and not await self._are_too_many(installation):
            return
        owned = await self._gateway.owned(installation)
        for start in range(0, len(owned), AT_ONCE):
            async with task_rows.exclusive(self._db):
                some = owned[start : start + AT_ONCE]
                known = await task_rows.known_deployments(self._db, [item.id for item in some])
                await self.make_equal([], strays=[item for item in some if item.id not in known])

    async def _are_too_many(self, installation: UUID) -> bool:
        owned = await self._gateway.count_owned(installation)
        return owned > await task_rows.count_known(self._db)

    async def _wanted(self, rows: Sequence[TaskRow]) -> list[Desired]:
        wanted = []
        for row in rows:
            item = desired(row, self._surroundings)
            if item is None:
                error = f"no flow is installed for task type {row.task_type!r}"
                await self.applying.fail(row, error)
            else:
                wanted.append(item)
        return wanted

    async def _affected(
        self,
        wanted: list[Desired],
        tombstones: Mapping[TaskId, UUID | None],
        strays: Sequence[Actual],
    ) -> tuple[list[Desired], list[Actual], dict[UUID, TaskId]]:
        """The deployments that matter, and the tasks whose own stand in the way.

        Tasks that swapped names, and longer rings of them, move together:
        nobody's waiting runs are lost.
        """
        actual = {item.id: item for item in strays}
        known = await task_rows.known_deployments(self._db, list(actual))
        chosen = {item.row.id for item in wanted} | set(tombstones)
        more, gone = wanted, tombstones
        while True:
            found = await self._find(more, gone)
            known |= await task_rows.known_deployments(self._db, [item.id for item in found])
            places = {item.place for item in more}
            # The same names in other flows, and other installations' copies, are none of
            # our business.
            actual |= {
                item.id: item for item in found if item.place in places or self._owns(item, known)
            }
            others = {
                task_id
                for item in actual.values()
                if self._owns(item, known) and (task_id := self._owner(item, known)) is not None
            } - chosen
            if not others:
                return wanted, list(actual.values()), known
            chosen |= others
            more, gone = await self._wanted(await task_rows.by_id(self._db, sorted(others))), {}
            wanted = wanted + more

    def _owns(self, item: Actual, known: Mapping[UUID, TaskId]) -> bool:
        return owner(item, self._surroundings.installation, known)[0]

    def _owner(self, item: Actual, known: Mapping[UUID, TaskId]) -> TaskId | None:
        return owner(item, self._surroundings.installation, known)[1]

    async def _find(
        self, wanted: Sequence[Desired], tombstones: Mapping[TaskId, UUID | None]
    ) -> list[Actual]:
        """Deployments at the wanted places, and those of the tasks, wherever they are."""
        if not (wanted or tombstones):
            return []
        ids = [item for item in tombstones.values() if item is not None]
        ids += [item.row.deployment_id for item in wanted if item.row.deployment_id is not None]
        tasks = [*tombstones, *(item.row.id for item in wanted)]
        places = [item.place for item in wanted]
        return await self._gateway.find(task_ids=tasks, places=places, ids=ids)
