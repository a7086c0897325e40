"""The boundary between operations and the network: what an adapter must do.

Every method takes its own deadline in seconds, raises `DeviceError` (or its
subclass `DeviceTimeout`) and nothing else, and leaves no socket, thread or
process behind when it is cancelled.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import DeviceTarget, HostKey
from netstacks_tasks.models.operational import BgpNeighbour, Facts, InterfaceCounters
from netstacks_tasks.models.rollout import ConfigMode


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedConfig:
    """Configurations as the device printed them, before normalisation."""

    running: str
    startup: str | None = None
    """None where the platform has no startup configuration of its own."""

    @property
    def by_source(self) -> dict[str, str]:
        """Those that there are, the running one last."""
        texts = {"startup": self.startup, "running": self.running}
        return {source: text for source, text in texts.items() if text is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a probe read and how long it took, in milliseconds."""

    latency_ms: float
    value: str = ""


class HostKeys(Protocol):
    """The trusted host keys, kept in the inventory."""

    async def known(self, device_id: DeviceId) -> tuple[HostKey, ...]:
        """Keys trusted for the device; empty when it was never seen."""
        ...

    async def trust(self, device_id: DeviceId, key: HostKey) -> tuple[HostKey, ...]:
        """Record a first key unless one is there; return what is trusted now.

        Two sessions may race: the caller must compare what it saw with what
        came back.
        """
        ...


class ConfigReader(Protocol):
    """Reads a device's configuration."""

    async def read_config(
        self,
        target: DeviceTarget,
        *,
        timeout: float,
        accepted: Callable[[], None] | None = None,
    ) -> CapturedConfig:
        """Running and startup configuration.

        `accepted` is called once the device has let us in, where that is known
        before the end.
        """
        ...


class StateReader(Protocol):
    """Reads what a device does at the moment; changes nothing on it."""

    async def facts(self, target: DeviceTarget, *, timeout: float) -> Facts: ...

    async def bgp_neighbours(
        self, target: DeviceTarget, *, timeout: float
    ) -> tuple[BgpNeighbour, ...]:
        """Every session of every VRF; empty where no BGP runs."""
        ...

    async def interfaces(
        self, target: DeviceTarget, *, timeout: float
    ) -> tuple[InterfaceCounters, ...]: ...

    async def show(self, target: DeviceTarget, command: str, *, timeout: float) -> str:
        """What the command prints; one the device's platform does not allow is not sent.

        Raises:
            InvalidInput: `show_command.require_allowed` refuses it.
        """
        ...


class ConfigChange(Protocol):
    """One change of one device's configuration, step by step.

    Nothing is changed before `apply`. After it either `keep` or `roll_back`
    ends the change; a device that can reverts by itself when neither comes.
    """

    async def running(self, *, timeout: float) -> str:
        """The running configuration now, checked to be a whole one."""
        ...

    async def compare(self, *, timeout: float) -> str:
        """What the change would do to it, as a diff; empty when nothing."""
        ...

    async def apply(self, *, timeout: float) -> tuple[str, ...]:
        """Put the change into force; what a person should know of how it went.

        Raises `DeviceError` with stage `apply`, at the line that caused it
        where the device tells; lines before it may be in force.
        """
        ...

    async def verify(self, *, timeout: float) -> None:
        """Log in anew and see that it is in force.

        Raises `DeviceError`, with cause `mismatch` when it is not.
        """
        ...

    async def keep(self, *, save: bool, timeout: float) -> None:
        """Make the change last, with `save` over the next boot too."""
        ...

    async def roll_back(self, before: str, *, timeout: float) -> None:
        """Take the device back to the configuration it had, and see that it is there.

        Raises `DeviceError` with stage `roll_back` when it is not.
        """
        ...


class ConfigWriter(Protocol):
    """Changes configurations."""

    def change(
        self, target: DeviceTarget, candidate: str, *, mode: ConfigMode
    ) -> AbstractAsyncContextManager[ConfigChange]:
        """A change to the candidate, rendered and not yet looked at."""
        ...


class LoginProbe(Protocol):
    """Logs in over SSH and out again."""

    async def login(
        self,
        target: DeviceTarget,
        *,
        timeout: float,
        answered: Callable[[], Awaitable[None]] | None = None,
    ) -> Measured:
        """Connect, check the host key and authenticate.

        `answered` is awaited when the device has taken the connection and
        nothing was sent over it; what it takes is no part of the latency.
        """
        ...


class Pinger(Protocol):
    """Sends ICMP echo requests."""

    async def ping(self, target: DeviceTarget, *, timeout: float) -> Measured: ...


class SnmpReader(Protocol):
    """Reads sysName.0."""

    async def sysname(self, target: DeviceTarget, *, timeout: float) -> Measured: ...
