"""Tells which tasks were edited, as it happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final
from uuid import UUID

from netstacks_tasks.errors import StoreUnavailable
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store.connecting import connect, store_errors
from netstacks_tasks.store.queries import query

logger = logging.getLogger(__name__)

_ALL: Final = "all"
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0)


async def listen(url: str) -> AsyncGenerator[TaskId | None, None]:
    """The ids of tasks that are created, edited or deleted, for ever.

    None comes once listening has begun, and again after every reconnect: some
    edits may have been missed before it, so look at everything. It also comes when
    devices have moved, and with them any number of tasks.

    Raises:
        ConfigurationError: the URL is not one of PostgreSQL.
    """
    failures = 0
    while True:
        try:
            connection = await connect(url, name="netstacks listen")
            async with connection:
                with store_errors():
                    await connection.execute(query("listen"))
                failures = 0
                yield None
                # While it is open the connection can do nothing else, not even end.
                async with aclosing(connection.notifies()) as notifications:
                    while True:
                        with store_errors():
                            notification = await anext(notifications)
                        task_id = _task_id(notification.payload)
                        if task_id is not None or notification.payload == _ALL:
                            yield task_id
        except StoreUnavailable as error:
            pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
            failures += 1
            logger.warning(
                "not listening for edits, again in %g s: %s",
                pause,
                error,
                extra={"action": "listen_failed", "failures": failures},
            )
            await asyncio.sleep(pause)


def _task_id(payload: str) -> TaskId | None:
    try:
        return TaskId(UUID(payload))
    except ValueError:
        return None
