"""What is done to the stack; each returns when its part is over and the rest has to recover."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.chaos import processes
from tests.chaos.restoring import Restore
from tests.chaos.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to break the stack."""

    name: str
    strike: Callable[[World, Pace], Awaitable[int]]
    """Returns how many times it struck."""
    missing: Callable[[World], str] = lambda _: ""
    """Why it cannot be done here; empty when it can."""
    before: Callable[[World], Awaitable[None]] | None = None
    """What makes the stack worth breaking, some time before."""
    forgets: bool = False
    """What was asked for before it is forgotten by both databases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long things stay broken, in seconds."""

    outage: float = 20
    flows: int = 5
    """How many runs' processes are killed."""
    asked: int = 10
    """How many runs are asked for just before, beside those that are due."""


async def _worker(world: World, pace: Pace) -> int:
    processes.kill([world.pid("worker")])
    return 1


async def _worker_stopped(world: World, pace: Pace) -> int:
    """As an impatient administrator does: told twice, it ends its runs."""
    pid = world.pid("worker")
    for _ in range(2):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        await asyncio.sleep(1)
    return 1


async def _machine(world: World, pace: Pace) -> int:
    """The worker and everything it has started, all at once."""
    pid = world.pid("worker")
    processes.kill([pid, *processes.below(pid)])
    return 1


async def _flows(world: World, pace: Pace) -> int:
    chosen: list[int] = []
    while not chosen:
        chosen = processes.flows(world.pid("worker"))[: pace.flows]
        await asyncio.sleep(0.1)
    processes.kill(chosen)
    return len(chosen)


async def _sync(world: World, pace: Pace) -> int:
    processes.kill([world.pid("sync")])
    return 1


async def _server(world: World, pace: Pace) -> int:
    processes.kill([world.pid("server")])
    return 1


async def _postgres_killed(world: World, pace: Pace) -> int:
    processes.kill([world.pid("postgres")])
    return 1


async def _postgres_away(world: World, pace: Pace) -> int:
    server = world.programs["postgres"]
    await server.stop()
    await asyncio.sleep(pace.outage)
    await server.start()
    return 1


async def _disk(world: World, pace: Pace) -> int:
    ballast = world.stack.config_store / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    await asyncio.sleep(pace.outage)
    ballast.unlink()
    return 1


async def _new_configurations(world: World) -> None:
    await world.site.configure(world.site.generation + 1)


async def _devices(world: World, pace: Pace) -> int:
    await world.site.kill()
    await asyncio.sleep(pace.outage / 2)
    await world.site.start()
    return 1


async def _blackhole(world: World, pace: Pace) -> int:
    world.site.swallow()
    await asyncio.sleep(pace.outage)
    world.site.heal()
    return 1


async def _clock(world: World, pace: Pace) -> int:
    """Real time passes the change of two zones' clocks, and a minute more."""
    over = world.change + timedelta(seconds=61)
    await asyncio.sleep((over - datetime.now(UTC)).total_seconds())
    return 2


_OURS, _BOTH = Restore(prefect=False), Restore(prefect=True)

FAULTS = (
    Fault(
        name="clock",
        strike=_clock,
        missing=lambda world: "" if datetime.now(UTC) < world.change else "the change is over",
    ),
    Fault(name="worker", strike=_worker),
    Fault(name="worker stopped", strike=_worker_stopped),
    Fault(name="machine", strike=_machine),
    Fault(name="flows", strike=_flows),
    Fault(name="sync", strike=_sync),
    Fault(name="server", strike=_server),
    Fault(name="postgres killed", strike=_postgres_killed),
    Fault(name="postgres away", strike=_postgres_away),
    Fault(
        name="disk",
        strike=_disk,
        before=_new_configurations,
        missing=lambda world: "" if world.store_is_small else "only root can mount a small disk",
    ),
    Fault(name="devices", strike=_devices),
    Fault(
        name="blackhole",
        strike=_blackhole,
        missing=lambda _: "" if os.geteuid() == 0 else "network namespaces need root",
    ),
    Fault(name="restore ours", strike=_OURS.strike, before=_OURS.before),
    Fault(name="restore both", strike=_BOTH.strike, before=_BOTH.before, forgets=True),
)
