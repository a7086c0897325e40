"""One round: runs are under way, a fault strikes, and what became of them is counted."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.models.ids import RunId, TaskId
from tests.chaos import audit
from tests.chaos.faults import Fault, Pace
from tests.chaos.world import World

_BUSY_SECONDS = 4.0
_SETTLE_SECONDS = 240.0
_STRAY_SECONDS = 60.0


@dataclass(kw_only=True)
class Outcome:
    """A line of the table."""

    name: str
    times: int = 0
    due: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: int = 0
    states: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    """From the end of the fault until every run due by then had ended, and both sides said so."""
    right: float = 0.0
    """Until both told the same, and no run as running that nobody worked on."""
    badly: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """In words: what never ended, what differs, what was left behind."""


async def play(world: World, fault: Fault, pace: Pace, *, on_the_minute: bool = True) -> Outcome:
    """Strike in the middle of runs; count once their successors are over too.

    Args:
        world: what is struck.
        fault: how.
        pace: for how long.
        on_the_minute: wait for the next one, when runs are due; else only those asked for
            are under way.
    """
    if fault.before is not None:
        await fault.before(world)
    start = await _next_minute() if on_the_minute else datetime.now(UTC)
    asked = await ask_for(world, pace.asked)
    doubled = await doubles(world)
    await asyncio.sleep(_BUSY_SECONDS)
    outcome = Outcome(name=fault.name)
    asking = asyncio.create_task(_keep_asking(world, asked))
    try:
        outcome.times = await fault.strike(world, pace)
    finally:
        asking.cancel()
        await asyncio.wait([asking])
    if fault.forgets:
        asked.clear()
    over, healed = datetime.now(UTC), time.monotonic()
    await world_is_reread(world)
    # A task that a restore has forgotten has no runs any more.
    there = {task.id for task in world.tasks}
    asked = {run_id: task_id for run_id, task_id in asked.items() if task_id in there}
    struck = audit.window(world, start, over, asked)
    outcome.right = await audit.until_right(world, struck, _SETTLE_SECONDS) - healed
    found, settled = await audit.until_settled(world, struck, _SETTLE_SECONDS)
    outcome.seconds = settled - healed
    # One more time of each task has come by now: it must be as any other.
    end = datetime.now(UTC)
    chosen = audit.window(world, start, end, asked)
    found, _ = await audit.until_settled(world, chosen, _SETTLE_SECONDS)
    outcome.due, outcome.lost, outcome.states = chosen.due, found.lost, found.states
    outcome.badly = found.badly
    outcome.wrong = [*found.open, *found.differing]
    outcome.wrong += [f"left running: {one}" for one in await audit.strays(world, _STRAY_SECONDS)]
    outcome.wrong += await audit.halves(world)
    outcome.doubled = await doubles(world) - doubled
    return outcome


async def world_is_reread(world: World) -> None:
    while True:
        with suppress(NetstacksError):
            await world.reread()
            return
        await asyncio.sleep(0.5)


async def _next_minute() -> datetime:
    now = datetime.now(UTC)
    start = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    await asyncio.sleep((start - now).total_seconds())
    return start


async def ask_for(world: World, count: int) -> dict[RunId, TaskId]:
    """Have so many of the tasks run now as well."""
    chosen = world.tasks[:: max(1, len(world.tasks) // count)][:count]
    runs = await asyncio.gather(*(world.netstacks.run_now(task.id) for task in chosen))
    return {run_id: task.id for run_id, task in zip(runs, chosen, strict=True)}


async def _keep_asking(world: World, asked: dict[RunId, TaskId]) -> None:
    """What is asked for while something is broken is accepted or refused, never lost."""
    # Round and round: a fault that needs runs under way waits for no schedule.
    for task in itertools.cycle(world.tasks[1::7]):
        await asyncio.sleep(2)
        with suppress(NetstacksError):
            asked[await world.netstacks.run_now(task.id)] = task.id


async def doubles(world: World) -> int:
    """How often a task has worked twice at once, by its own doing."""
    return len(world.ledger.doubled) + await world.site.doubled()


Say = Callable[[Outcome], Awaitable[None]]
