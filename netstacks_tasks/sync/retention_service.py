"""Applies the retention policy once a day, beside the sync."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from netstacks_tasks.errors import ConfigurationError, NetstacksError
from netstacks_tasks.metrics.sync_rounds import ROUNDS
from netstacks_tasks.settings import PREFIX, Settings
from netstacks_tasks.store import retention_rounds
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.retention_rounds import RetentionBusy
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.flow_run_removal import FlowRunRemoval
from netstacks_tasks.sync.prefect_errors import open_client
from netstacks_tasks.sync.retention import Wanted, apply

logger = logging.getLogger(__name__)

_EVERY: Final = timedelta(days=1)
_LOOK_SECONDS: Final = 300.0
"""Another sync may have done it, or ended in the middle of it."""


@asynccontextmanager
async def retention_running(db: Database, api_url: str, settings: Settings) -> AsyncIterator[None]:
    """Inside it, what is beyond the policy goes once a day."""
    task = asyncio.create_task(_forever(db, api_url, settings), name="retention")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _forever(db: Database, api_url: str, settings: Settings) -> None:
    """An error of it is told, and is none of the sync's."""
    ROUNDS.begin("retention")
    while True:
        try:
            await when_due(db, api_url, settings)
        except RetentionBusy:
            pass  # that one does it
        except NetstacksError as error:
            ROUNDS.failed("retention")
            extra = {"action": "retention_failed"}
            logger.warning("old runs and versions stay for now: %s", error, extra=extra)
        except Exception:
            ROUNDS.failed("retention")
            logger.exception("old runs and versions stay for now")
        else:
            ROUNDS.succeeded("retention")
        await asyncio.sleep(_LOOK_SECONDS)


async def when_due(db: Database, api_url: str, settings: Settings) -> bool:
    """Apply the policy if nobody has done so for a day; returns whether it was done.

    Raises:
        RetentionBusy: somebody else is at it.
        SyncError: Prefect does not answer, or refuses.
        StoreUnavailable: PostgreSQL does not answer.
    """
    wanted = wanted_by(settings)
    await retention_rounds.note_settings(db, shown(wanted))
    last = await retention_rounds.last(db)
    if datetime.now(UTC) - last.finished_at < _EVERY:
        return False
    async with open_client(api_url) as client:
        removal = FlowRunRemoval(client, await task_rows.installation(db))
        report = await apply(db, removal, wanted, gently=True)
    if totals := report.totals():
        told = ", ".join(f"{count} {kind}" for kind, count in totals.items())
        logger.info("removed what is no longer kept: %s", told, extra={"action": "retention"})
    return True


async def check_settings(db: Database, wanted: Wanted) -> None:
    """Make sure that a command removes nothing that the sync would keep.

    Raises:
        ConfigurationError: it has other settings than the sync.
    """
    follows = (await retention_rounds.last(db)).settings
    if follows is None:
        return
    differing = [
        f"{PREFIX}RETENTION_{name.upper()} is {value} here and {follows.get(name)} there"
        for name, value in shown(wanted).items()
        if follows.get(name) != value
    ]
    if differing:
        raise ConfigurationError(
            f"the sync keeps something else: {'; '.join(differing)}: set here what it has"
        )


def wanted_by(settings: Settings) -> Wanted:
    """What the settings of a process say."""
    return Wanted(policy=settings.retention, audit_days=settings.retention_audit_days)


def shown(wanted: Wanted) -> dict[str, int | str]:
    """The same as JSON, by the names that the settings have."""
    return {**wanted.policy.model_dump(), "audit_days": wanted.audit_days}
