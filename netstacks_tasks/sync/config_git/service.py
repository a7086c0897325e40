"""Keeps the repository beside the sync for as long as that works."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.settings import Settings
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync.config_git.lock import RepositoryBusy
from netstacks_tasks.sync.config_git.writer import ConfigGit

logger = logging.getLogger(__name__)

_EVERY_SECONDS: Final = 15.0
_LONGEST_PAUSE_SECONDS: Final = 300.0
_WHOLE_EVERY_SECONDS: Final = 24 * 3600.0


@asynccontextmanager
async def config_git_running(db: Database, settings: Settings) -> AsyncIterator[None]:
    """Inside it, the repository follows the database, when one is wanted."""
    if settings.config_git is None:
        yield
        return
    writer = ConfigGit(db, settings.config_git, redacted=settings.config_git_redacted)
    task = asyncio.create_task(_forever(writer), name="config git")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _forever(writer: ConfigGit) -> None:
    """An error of the repository is told, and is none of the sync's."""
    loop = asyncio.get_running_loop()
    whole_at = loop.time() + _WHOLE_EVERY_SECONDS
    pause = _EVERY_SECONDS
    while True:
        try:
            await writer.catch_up()
        except RepositoryBusy:
            pass  # that one does it
        except NetstacksError as error:
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            _warn(error, pause)
        except Exception:
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            logger.exception("the git repository was not written, again in %g s", pause)
        else:
            if pause > _EVERY_SECONDS:
                logger.info(
                    "the git repository is written again", extra={"action": "config_git_recovered"}
                )
            pause = _EVERY_SECONDS
        if loop.time() >= whole_at:
            writer.look_at_all()
            whole_at = loop.time() + _WHOLE_EVERY_SECONDS
        await asyncio.sleep(pause)


def _warn(error: NetstacksError, pause: float) -> None:
    logger.warning(
        "the git repository was not written, again in %g s: %s",
        pause,
        error,
        extra={"action": "config_git_failed"},
    )
