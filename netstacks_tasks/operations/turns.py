"""When a health check may begin.

Thousands are due at once. Whoever waits here waits for a moment of this
process, never for a device that does not answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from netstacks_tasks.devices.pace import Pace
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.operations.places import Line, Places, placed
from netstacks_tasks.operations.probing import CheckName

_PINGS: Final = (1600, 20)
_V2C_REQUESTS: Final = (2000, 32)
"""So many a second, so many at once: packets follow at the pace of the socket they share."""
_V3_REQUESTS: Final = 16
"""At a time: each costs milliseconds of CPU, and no answer may come to wait for long."""


class Turns:
    """Whose turn it is, for each kind of check."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._ping = _pace(_PINGS)
        self._v2c = _pace(_V2C_REQUESTS)
        self._v3 = Line(_V3_REQUESTS)

    @asynccontextmanager
    async def turn(
        self, name: CheckName, device: Device
    ) -> AsyncIterator[Callable[[], Awaitable[None]] | None]:
        """Wait for it; yields what a login has to call when the device has answered."""
        match name:
            case "ping":
                await self._ping.turn()
                yield None
            case "snmp_sysname" if device.snmp.version == "v2c":
                await self._v2c.turn()
                yield None
            case "snmp_sysname":
                async with placed([self._v3]):
                    yield None
            case "ssh":
                async with placed(self._places.lines(device)) as place:
                    yield place.answered


def _pace(of: tuple[float, int]) -> Pace:
    per_second, at_once = of
    return Pace(per_second, at_once=at_once)
