"""What a deployment reads from and writes to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from netstacks_tasks.devices.ports import ConfigWriter
from netstacks_tasks.models.ids import DeviceId, SnapshotId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.operations.ports import Credentials, Probes, Recorder, Versions, Watcher

T = TypeVar("T")


class Writers(Protocol):
    """The adapters that change configurations."""

    def writer_for(self, device: Device) -> ConfigWriter:
        """Raises `DeviceError`: nothing can be deployed to the device's platform."""
        ...


class Locks(Protocol):
    """Keeps other runs off a device."""

    async def while_locked(
        self, device: Device, work: Callable[[], Awaitable[T]], *, patience: float
    ) -> T:
        """Do the work alone; raises `DeviceError` with stage `lock` after `patience` seconds."""
        ...


class Baselines(Versions, Protocol):
    """Keeps configurations, and gives back the ones from before a change."""

    async def text(self, snapshot_id: SnapshotId) -> str:
        """The configuration as the device printed it."""
        ...


class States(Protocol):
    """Remembers, by hash, what was rendered and what a device ran afterwards."""

    async def left_as(self, device_id: DeviceId) -> tuple[str, str] | None: ...

    async def leave(self, device_id: DeviceId, rendered: str, running: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentPorts:
    """Everything a deployment reads from and writes to."""

    writers: Writers
    probes: Probes
    credentials: Credentials
    locks: Locks
    baselines: Baselines
    states: States
    recorder: Recorder
    watcher: Watcher
    redact: Callable[[str], str]
    """Takes secrets out of a text that may quote lines of a configuration."""
    normalise: Callable[[str, str], str]
    """(platform, text) -> the text without volatile lines."""
    difference: Callable[[str, str, str], str]
    """(platform, before, after) -> a diff; empty when they are the same."""
