"""Ports kept in memory, for tests; each can be told to fail."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import NAMESPACE_DNS, uuid4, uuid5

from pydantic import SecretStr

from netstacks_tasks.devices.ports import (
    CapturedConfig,
    ConfigReader,
    LoginProbe,
    Measured,
    Pinger,
    SnmpReader,
)
from netstacks_tasks.errors import DeviceTimeout
from netstacks_tasks.models.capture import Capture
from netstacks_tasks.models.ids import DeviceId, SnapshotId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget, HostKey
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.ports import Kept, Progress, Seen


def device(name: str, platform: str = "linux") -> Device:
    """A device whose id follows from its name."""
    return Device(
        id=DeviceId(uuid5(NAMESPACE_DNS, name)), name=name, host="127.0.0.1", platform=platform
    )


@dataclass
class Busy:
    """Counts what runs at the same time."""

    now: int = 0
    most: int = 0

    async def __aenter__(self) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)

    async def __aexit__(self, *_: object) -> None:
        self.now -= 1


@dataclass
class MemoryReaders:
    """Reads the configurations it was given."""

    configs: Mapping[str, str | CapturedConfig] = field(default_factory=dict)
    """By device name; any other device has `hostname <name>`."""
    errors: dict[str, BaseException] = field(default_factory=dict)
    hang: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    timeouts: list[float] = field(default_factory=list)
    busy: dict[str, Busy] = field(default_factory=dict)
    """By platform."""

    def reader_for(self, platform: str) -> ConfigReader:
        self.busy.setdefault(platform, Busy())
        return self

    async def read_config(
        self,
        target: DeviceTarget,
        *,
        timeout: float,
        accepted: Callable[[], None] | None = None,
    ) -> CapturedConfig:
        self.timeouts.append(timeout)
        name = target.device.name
        self.calls[name] += 1
        async with self.busy[target.device.platform]:
            if name in self.hang:
                await asyncio.Event().wait()
            if name in self.errors:
                raise self.errors[name]
            if accepted is not None:
                accepted()
            config = self.configs.get(name, f"hostname {name}\n")
            return CapturedConfig(running=config) if isinstance(config, str) else config


@dataclass
class _Probe:
    name: str
    owner: MemoryProbes

    async def _measure(self, target: DeviceTarget, *, timeout: float) -> Measured:
        self.owner.timeouts.append(timeout)
        key = (target.device.name, self.name)
        self.owner.calls[key] += 1
        async with self.owner.busy.setdefault(self.name, Busy()):
            if error := self.owner.errors.get(key):
                raise error
            value = self.owner.values.get(key, "")
            return Measured(latency_ms=1.5, value=value)

    ping = sysname = _measure

    async def login(
        self,
        target: DeviceTarget,
        *,
        timeout: float,
        answered: Callable[[], Awaitable[None]] | None = None,
    ) -> Measured:
        if target.device.name in self.owner.silent:
            await asyncio.sleep(timeout)
            raise DeviceTimeout(target.device.name, "connect", "no answer")
        if answered is not None:
            await answered()
        return await self._measure(target, timeout=timeout)


@dataclass
class MemoryProbes:
    """Answers every check; errors and values are by (device name, check)."""

    errors: dict[tuple[str, str], BaseException] = field(default_factory=dict)
    values: dict[tuple[str, str], str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    """Devices that never take an SSH connection."""
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    timeouts: list[float] = field(default_factory=list)
    busy: dict[str, Busy] = field(default_factory=dict)
    """By check."""

    @property
    def login(self) -> LoginProbe:
        return _Probe("ssh", self)

    @property
    def pinger(self) -> Pinger:
        return _Probe("ping", self)

    @property
    def snmp(self) -> SnmpReader:
        return _Probe("snmp_sysname", self)


class MemoryHostKeys:
    """The port `HostKeys`; `replace` is what a reinstalled device looks like."""

    def __init__(self) -> None:
        self._keys: dict[DeviceId, tuple[HostKey, ...]] = {}

    async def known(self, device_id: DeviceId) -> tuple[HostKey, ...]:
        return self._keys.get(device_id, ())

    async def trust(self, device_id: DeviceId, key: HostKey) -> tuple[HostKey, ...]:
        return self._keys.setdefault(device_id, (key,))

    def replace(self, device_id: DeviceId, key: HostKey) -> None:
        self._keys[device_id] = (key,)


@dataclass
class MemoryCredentials:
    """The same login for every device."""

    errors: dict[str, BaseException] = field(default_factory=dict)

    def account(self, device: Device) -> str:
        return str(device.credential_id or "")

    async def of(self, device: Device) -> DeviceCredential:
        if device.name in self.errors:
            raise self.errors[device.name]
        return DeviceCredential(username="netops", password=SecretStr("canary-password"))


@dataclass
class MemoryRecorder:
    """Keeps results; fails as often as told before it works."""

    failures: list[BaseException] = field(default_factory=list)
    recorded: list[DeviceResult] = field(default_factory=list)

    async def record(self, results: Sequence[DeviceResult]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.recorded += results


@dataclass
class MemoryVersions:
    """Keeps the newest normalised text per device and source."""

    newest: dict[tuple[str, str], str] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)
    texts: dict[tuple[str, str], tuple[str, Seen]] = field(default_factory=dict)
    """The text that was kept last, by device and source."""

    async def seen(self, device: Device, texts: Mapping[str, str]) -> Mapping[str, Seen]:
        known = {source: self.texts.get((device.name, source)) for source in texts}
        return {source: one[1] for source, one in known.items() if one and one[0] == texts[source]}

    async def keep(self, capture: Capture) -> Kept:
        if capture.device.name in self.errors:
            raise self.errors[capture.device.name]
        key = (capture.device.name, capture.source)
        changed = self.newest.get(key) != capture.normalised
        self.newest[key] = capture.normalised
        kept = SnapshotId(uuid4())
        seen = Seen(snapshot_id=kept, changed=False, lines=capture.lines)
        self.texts[key] = (capture.content, seen)
        return Kept(snapshot_id=kept, changed=changed)


@dataclass
class MemoryFiles:
    """Keeps files by (device name, source)."""

    files: dict[tuple[str, str], str] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)

    async def write(self, device_name: str, contents: Mapping[str, str]) -> None:
        if device_name in self.errors:
            raise self.errors[device_name]
        self.files |= {(device_name, source): text for source, text in contents.items()}


@dataclass
class MemoryCheckStates:
    """Remembers which check was up."""

    up: dict[tuple[DeviceId, str], bool] = field(default_factory=dict)

    async def observe(self, device_id: DeviceId, check: str, *, up: bool) -> bool:
        before = self.up.get((device_id, check), up)
        self.up[device_id, check] = up
        return before != up


@dataclass
class MemoryWatcher:
    """Keeps every step."""

    steps: list[Progress] = field(default_factory=list)

    async def advanced(self, progress: Progress) -> None:
        self.steps.append(progress)


def by_name(results: Iterable[DeviceResult]) -> dict[tuple[str, str], DeviceResult]:
    """Results by (device name, item)."""
    return {(result.device_name, result.item): result for result in results}
