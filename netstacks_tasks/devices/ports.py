"""The boundary between operations and the network: what an adapter must do.

Every method takes its own deadline in seconds, raises `DeviceError` (or its
subclass `DeviceTimeout`) and nothing else, and leaves no socket, thread or
process behind when it is cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import DeviceTarget, HostKey
from netstacks_tasks.models.operational import BgpNeighbour, Facts, InterfaceCounters


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedConfig:
    """Configurations as the device printed them, before normalisation."""

    running: str
    startup: str | None = None
    """None where the platform has no startup configuration of its own."""


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

    async def read_config(self, target: DeviceTarget, *, timeout: float) -> CapturedConfig: ...


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


class LoginProbe(Protocol):
    """Logs in over SSH and out again."""

    async def login(self, target: DeviceTarget, *, timeout: float) -> Measured: ...


class Pinger(Protocol):
    """Sends ICMP echo requests."""

    async def ping(self, target: DeviceTarget, *, timeout: float) -> Measured: ...


class SnmpReader(Protocol):
    """Reads sysName.0."""

    async def sysname(self, target: DeviceTarget, *, timeout: float) -> Measured: ...
