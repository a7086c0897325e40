"""Looks for changes made by hand in Prefect, all day long, at a pace it can bear."""

from __future__ import annotations

import math
from collections.abc import Callable

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.checking import AT_ONCE, check_following
from netstacks_tasks.sync.desired import Surroundings
from netstacks_tasks.sync.portion import Portions
from netstacks_tasks.sync.ports import DeploymentGateway

_SECONDS_PER_TASK = 0.2
"""To read one deployment back keeps the server busy for 5 to 10 ms: a twentieth of its time."""


def pause(count: int, round_seconds: float) -> float:
    """Seconds between two steps, of so many tasks that a round is made in `round_seconds`.

    With many tasks a round takes longer: the server has other things to do.
    """
    steps = max(1, math.ceil(count / AT_ONCE))
    return max(round_seconds / steps, _SECONDS_PER_TASK * min(count, AT_ONCE))


class Patrol:
    """Compares a few deployments at each step, all of them in a round."""

    def __init__(self, db: Database, gateway: DeploymentGateway) -> None:
        self._db = db
        self._gateway = gateway
        self._after: TaskId | None = None

    async def step(self, surroundings: Surroundings, found: Callable[[], None]) -> None:
        """Look at the next few tasks.

        Args:
            surroundings: as those of the sync.
            found: called when there is something for the sync to do.

        Raises:
            PrefectUnavailable: Prefect does not answer.
            StoreUnavailable: PostgreSQL does not answer.
        """
        rows, fine = await check_following(self._db, self._gateway, surroundings, self._after)
        if fine < len(rows):
            found()
        if len(rows) == AT_ONCE:
            self._after = rows[-1].id
            return
        self._after = None
        portions = Portions(self._db, self._gateway, surroundings)
        await portions.remove_strays()

    async def pause(self, round_seconds: float) -> float:
        """Seconds until the next step."""
        return pause(await task_rows.count(self._db), round_seconds)
