"""One login on a simulated device, with the faults that struck it."""

from __future__ import annotations

import asyncio

from netstacks_tasks.demo.simulated.device import SimulatedDevice
from netstacks_tasks.demo.simulated.faults import FaultKind, spoil
from netstacks_tasks.demo.simulated.terminal import Terminal


class HangUp(Exception):
    """The device drops the connection now."""


class Session:
    """What a command line needs to know of the login it serves."""

    def __init__(
        self,
        device: SimulatedDevice,
        terminal: Terminal,
        username: str,
        faults: frozenset[FaultKind],
        latency: float,
    ) -> None:
        self.device = device
        self.terminal = terminal
        self.username = username
        self.faults = faults
        self._latency = latency

    async def begin(self) -> None:
        """Called once after the login; a device that hangs never returns."""
        if "hang" in self.faults:
            await asyncio.Event().wait()

    async def begin_command(self, command: str) -> None:
        """Count a command and wait as long as a slow device does."""
        self.device.record_command(command)
        if self._latency:
            await asyncio.sleep(self._latency)

    def configuration(self, text: str) -> str:
        """The text of a configuration as the faults let it through.

        Raises:
            HangUp: after printing what came before the connection was lost.
        """
        self.device.shows += 1
        text, lost = spoil(text, self.faults)
        if lost:
            self.terminal.write(text)
            raise HangUp
        return text
