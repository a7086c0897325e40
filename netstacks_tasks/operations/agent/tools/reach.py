"""Reads something from many devices at once, and keeps what each of them said."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from netstacks_tasks.devices.platforms import in_thread
from netstacks_tasks.devices.ports import StateReader
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceTarget
from netstacks_tasks.models.parameters import AgentTool
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.agent.ports import States
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.failure import as_device_error, require_time, within
from netstacks_tasks.operations.ledger import Ledger
from netstacks_tasks.operations.parallel import Crew, line_up
from netstacks_tasks.operations.ports import Credentials

T = TypeVar("T")

_LEAST_SECONDS: Final = 0.5
_LONGEST_SECONDS: Final = 45.0
"""For one device: one that hangs must not take the time of the answer."""

Read = Callable[[StateReader, DeviceTarget, float], Awaitable[T]]


@dataclass(slots=True)
class Readings(Generic[T]):
    """What devices said, and which did not."""

    found: list[tuple[Device, T]] = field(default_factory=list)
    failed: list[DeviceError] = field(default_factory=list)

    def missing(self) -> dict[str, Any]:
        """Fields that tell which devices were not read; none is left out silently."""
        unreachable = [error for error in self.failed if error.cause != "unsupported"]
        unsupported = [error for error in self.failed if error.cause == "unsupported"]
        told: dict[str, Any] = {
            "devices_read": len(self.found),
            "devices_unreachable": len(unreachable),
        }
        if unreachable:
            told["unreachable"] = [
                {
                    "device": error.device,
                    "reason": f"{error.stage}: {error.cause}: {error.detail[:300]}",
                }
                for error in sorted(unreachable, key=lambda error: error.device)
            ]
        if unsupported:
            told["does_not_apply_to"] = sorted(error.device for error in unsupported)
        return told


@dataclass(slots=True)
class Reach:
    """Asks devices; what came of each goes to the run's history."""

    states: States
    credentials: Credentials
    attempt: Attempt
    ledger: Ledger
    _busy: defaultdict[DeviceId, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    """Calls that go on together do not meet on one device: many have few sessions."""

    async def read(
        self,
        tool: AgentTool,
        devices: Sequence[Device],
        until: Deadline,
        read: Read[T],
        summary: Callable[[T], str],
    ) -> Readings[T]:
        """Ask every device, many at a time.

        Args:
            tool: for whom; the item in the history.
            devices: which.
            until: when all of it must be done.
            read: what to ask a device, and within how many seconds.
            summary: what was found on one device, for the history.
        """
        readings: Readings[T] = Readings()

        async def one(device: Device) -> None:
            began = time.monotonic()
            try:
                found = await self._ask(device, until, read)
            except Exception as error:
                failure = as_device_error(error, device.name, "command")
                readings.failed.append(failure)
                if failure.cause != "unsupported":
                    number = self.attempt.number
                    await self.ledger.add(
                        [DeviceResult.failure(device.id, tool, failure, attempt=number)]
                    )
                return
            readings.found.append((device, found))
            latency = (time.monotonic() - began) * 1000
            await self.ledger.add([self._result(tool, device, summary(found), latency)])

        queue = line_up(
            devices,
            self.attempt.limits,
            account=self.credentials.account,
            threaded=lambda device: in_thread(device.platform),
        )
        await Crew(queue, one).run()
        readings.found.sort(key=lambda pair: pair[0].name)
        return readings

    async def _ask(self, device: Device, until: Deadline, read: Read[T]) -> T:
        async with self._busy[device.id]:
            require_time(until, device.name, "connect", _LEAST_SECONDS)
            credential = await self.credentials.of(device)
            seconds = until.at_most(min(self.attempt.device_timeout, _LONGEST_SECONDS))
            reader = self.states.state_for(device.platform)
            reading = read(reader, DeviceTarget(device=device, credential=credential), seconds)
            return await within(reading, device=device.name, stage="command", seconds=seconds)

    def _result(
        self, tool: AgentTool, device: Device, summary: str, latency: float
    ) -> DeviceResult:
        return DeviceResult(
            device_id=device.id,
            device_name=device.name,
            item=tool,
            ok=True,
            summary=summary,
            attempt=self.attempt.number,
            latency_ms=round(latency, 1),
        )
