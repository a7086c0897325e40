"""Work on many devices at once, but never on more than a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.models.inventory import Device

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many devices are worked on at once."""

    sessions: int = 50
    threaded: int = 16
    """Of those, how many through a driver that needs a thread."""

    def __post_init__(self) -> None:
        if self.sessions < 1 or self.threaded < 1:
            raise ValueError("a limit must be at least 1")


def shares(devices: Sequence[Device], limits: Limits) -> list[tuple[list[Device], int]]:
    """Devices that may be worked on together, each with how many at once.

    Slow threaded drivers get a share of their own, so that they do not take
    every session while light ones wait.
    """
    threaded = [device for device in devices if _needs_thread(device)]
    light = [device for device in devices if not _needs_thread(device)]
    most = min(limits.threaded, limits.sessions)
    if not light:
        return [(threaded, most)] if threaded else []
    if not threaded:
        return [(light, limits.sessions)]
    if limits.sessions == most:
        return [([*light, *threaded], limits.sessions)]
    return [(threaded, most), (light, limits.sessions - most)]


def _needs_thread(device: Device) -> bool:
    """NAPALM takes a thread for each device, and several times the CPU."""
    platform = PLATFORMS.get(device.platform)
    return platform is not None and platform.family == "napalm"


async def run_bounded(
    items: Iterable[T],
    work: Callable[[T], Awaitable[None]],
    *,
    limit: int,
) -> None:
    """Await `work(item)` for every item, at most `limit` at a time, in order.

    An exception of `work` cancels the rest: work that may fail on its own
    must turn its failures into results.
    """
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
