"""What an operation needs besides the devices; the store and Prefect stand behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from netstacks_tasks.devices.ports import ConfigReader, LoginProbe, Pinger, SnmpReader
from netstacks_tasks.models.capture import Capture
from netstacks_tasks.models.ids import DeviceId, SnapshotId
from netstacks_tasks.models.inventory import Device, DeviceCredential
from netstacks_tasks.models.result import DeviceResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where a capture ended up."""

    snapshot_id: SnapshotId
    changed: bool
    """It is a version of its own, made by this run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Kept):
    """The version that a text was seen of before."""

    lines: int
    """Of the normalised text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is."""

    done: int
    total: int
    failed: int
    device: str
    """The device that was finished last."""
    results: tuple[DeviceResult, ...]
    """What was found on it."""

    def __str__(self) -> str:
        return f"{self.done}/{self.total} done, {self.failed} failed"


class Watcher(Protocol):
    """Is told when a device is finished; never raises."""

    async def advanced(self, progress: Progress) -> None: ...


class Credentials(Protocol):
    """Finds the secrets of a device."""

    def account(self, device: Device) -> str:
        """Which credential a device is reached with; empty when none is named."""
        ...

    async def of(self, device: Device) -> DeviceCredential:
        """Raises `DeviceError` with stage `credential`."""
        ...


class Recorder(Protocol):
    """Writes results to the history."""

    async def record(self, results: Sequence[DeviceResult]) -> None:
        """Again if need be; raises `NetstacksError`, `StoreUnavailable` above all."""
        ...


class Versions(Protocol):
    """Keeps configurations."""

    async def keep(self, capture: Capture) -> Kept:
        """Raises `NetstacksError`, `StoreUnavailable` above all."""
        ...


class Files(Protocol):
    """Holds the newest configurations of each device as files."""

    async def write(self, device_name: str, contents: Mapping[str, str]) -> None:
        """Raises `DeviceError` with stage `store`."""
        ...


class SeenTexts(Versions, Protocol):
    """Also knows the very text that it saw of a version last."""

    async def seen(self, device: Device, texts: Mapping[str, str]) -> Mapping[str, Seen]:
        """By source the newest version of which this text was seen; raises as `keep`."""
        ...


class CheckStates(Protocol):
    """Remembers which checks of which devices were up."""

    async def observe(self, device_id: DeviceId, check: str, *, up: bool) -> bool:
        """Note what a check found; whether that differs from before."""
        ...


class Readers(Protocol):
    """The adapters that read configurations, by platform."""

    def reader_for(self, platform: str) -> ConfigReader: ...


class Probes(Protocol):
    """The adapters of the health checks."""

    @property
    def login(self) -> LoginProbe: ...

    @property
    def pinger(self) -> Pinger: ...

    @property
    def snmp(self) -> SnmpReader: ...
