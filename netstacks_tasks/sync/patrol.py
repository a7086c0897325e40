"""Looks for changes made by hand in Prefect, all day long, at a pace it can bear."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.checking import AT_ONCE, check_following
from netstacks_tasks.sync.desired import Surroundings
from netstacks_tasks.sync.portion import Portions
from netstacks_tasks.sync.ports import DeploymentGateway

_SECONDS_PER_TASK = 0.2
"""To read one deployment back keeps the server busy for 5 to 10 ms: a twentieth of its time."""
_FEW: Final = 2000
"""So many deployments can all be read within half a minute, when there is reason to."""


def pause(count: int, round_seconds: float) -> float:
    """Seconds between two steps, of so many tasks that a round is made in `round_seconds`.

    With many tasks a round takes longer: the server has other things to do.
    """
    steps = max(1, math.ceil(count / AT_ONCE))
    return max(round_seconds / steps, _SECONDS_PER_TASK * min(count, AT_ONCE))


class Patrol:
    """Compares a few deployments at each step, all of them in a round.

    The first round is made in haste: the databases may have been restored while
    nobody looked.
    """

    def __init__(self, db: Database, gateway: DeploymentGateway) -> None:
        self._db = db
        self._gateway = gateway
        self._after: TaskId | None = None
        self._in_haste = True
        self._called = asyncio.Event()
        self._took = 0.0

    def hurry(self) -> None:
        """Begin a round anew, without the usual pauses: everything may be otherwise."""
        self._after = None
        self._in_haste = True
        self._called.set()

    async def step(self, surroundings: Surroundings, found: Callable[[], None]) -> None:
        """Look at the next few tasks.

        Args:
            surroundings: as those of the sync.
            found: called when there is something for the sync to do.

        Raises:
            PrefectUnavailable: Prefect does not answer.
            StoreUnavailable: PostgreSQL does not answer.
        """
        began = time.monotonic()
        self._called.clear()
        rows, fine = await check_following(self._db, self._gateway, surroundings, self._after)
        if fine < len(rows):
            found()
        if self._called.is_set():
            return  # what was looked at is the past
        self._after = rows[-1].id if len(rows) == AT_ONCE else None
        if self._after is None:
            await self._end_round(surroundings)
        self._took = time.monotonic() - began

    async def _end_round(self, surroundings: Surroundings) -> None:
        portions = Portions(self._db, self._gateway, surroundings)
        # A restore leaves strays, and as many rows without a deployment: the number tells nothing.
        surely = self._in_haste and await task_rows.count(self._db) <= _FEW
        await portions.remove_strays(surely=surely)
        await self._gateway.remove_spared_limits()
        self._in_haste = self._called.is_set()

    async def rest(self, round_seconds: float) -> None:
        """Wait until the next step; not for long, when there is reason for haste."""
        seconds = pause(await task_rows.count(self._db), round_seconds)
        if self._in_haste:
            seconds = min(seconds, self._took)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._called.wait()
