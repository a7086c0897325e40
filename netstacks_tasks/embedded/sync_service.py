"""The sync, run beside the servers in the stack's own process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.models.ids import RunId, TaskId

if TYPE_CHECKING:
    from netstacks_tasks.store.database import Database

logger = logging.getLogger(__name__)

_LONGEST_PAUSE_SECONDS = 30.0


async def _watch(database_url: str, api_url: str, work_pool: str) -> None:
    from netstacks_tasks.settings import load_settings  # noqa: PLC0415
    from netstacks_tasks.store.config_keys import sealing_of  # noqa: PLC0415
    from netstacks_tasks.store.database import Database  # noqa: PLC0415

    sealing = sealing_of(load_settings().config_key_file)
    async with Database.open(database_url, migrate=False, sealing=sealing) as db:
        await watch_tasks(db, database_url, api_url, work_pool, stop=asyncio.Event())


async def watch_tasks(
    db: Database,
    database_url: str,
    api_url: str,
    work_pool: str,
    *,
    stop: asyncio.Event | None = None,
) -> None:
    """Follow every edit of the task table, and mend what dies, until `stop` or a signal."""
    # Prefect reads its environment when it is imported: not before the stack has set it.
    from netstacks_tasks.settings import load_settings  # noqa: PLC0415
    from netstacks_tasks.store import changes, lock_session  # noqa: PLC0415
    from netstacks_tasks.sync.config_git.service import config_git_running  # noqa: PLC0415
    from netstacks_tasks.sync.retention_service import retention_running  # noqa: PLC0415
    from netstacks_tasks.sync.watch import WatchOptions, watch  # noqa: PLC0415

    async def holders() -> Collection[RunId]:
        return await lock_session.holders(db)

    def edits() -> AsyncIterator[TaskId | None]:
        return changes.listen(database_url)

    options = WatchOptions(work_pool=work_pool)
    settings = load_settings()
    async with config_git_running(db, settings), retention_running(db, api_url, settings):
        await watch(db, api_url, changes=edits, holders=holders, options=options, stop=stop)


async def _keep_watching(database_url: str, api_url: str, work_pool: str) -> None:
    """The sync lives as long as the stack: an error ends one try only."""
    pause = 1.0
    while True:
        try:
            await _watch(database_url, api_url, work_pool)
        except NetstacksError as error:
            logger.warning("the sync ended, again in %g s: %s", pause, error)
        except Exception:
            logger.exception("the sync ended, again in %g s", pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


@asynccontextmanager
async def sync_running(database_url: str, api_url: str, work_pool: str) -> AsyncIterator[None]:
    """Inside it, Prefect's deployments follow the task table and runs are fed back."""
    task = asyncio.create_task(_keep_watching(database_url, api_url, work_pool), name="sync")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
