"""A credential that every device refuses is left alone before its account is locked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid5

import pytest

from netstacks_tasks.devices.ports import CapturedConfig, ConfigReader
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import CredentialId
from netstacks_tasks.models.inventory import Device, DeviceTarget
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations import refused_logins
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.backup import BackupPorts, back_up
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.keeping import KeepingPorts
from netstacks_tasks.operations.parallel import Limits
from netstacks_tasks.operations.refused_logins import MOST_REFUSED
from netstacks_tasks.testing import (
    MemoryCredentials,
    MemoryFiles,
    MemoryRecorder,
    MemoryVersions,
    MemoryWatcher,
    device,
)


@dataclass
class Logins:
    """Devices that accept a credential or not, and count how many ask them at once."""

    refusing: set[str]
    dead: set[str] = field(default_factory=set)
    answering: asyncio.Event | None = None
    """Until it is set, devices let us in and answer nothing."""
    asked: list[str] = field(default_factory=list)
    now: int = 0
    most: int = 0
    before_success: int = 0
    succeeded: bool = False

    def reader_for(self, platform: str) -> ConfigReader:  # noqa: ARG002 - the port's
        return self

    async def read_config(
        self,
        target: DeviceTarget,
        *,
        timeout: float,  # noqa: ARG002 - the port's
        accepted: Callable[[], None] | None = None,
    ) -> CapturedConfig:
        name = target.device.name
        self.asked.append(name)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.01)
            if name in self.dead:
                await asyncio.Event().wait()
            if name in self.refusing:
                raise DeviceError(name, "authenticate", "auth", "the device refused the login")
            if self.answering is not None:
                assert accepted is not None
                accepted()
                await self.answering.wait()
            if not self.succeeded:
                self.succeeded, self.before_success = True, self.most
            return CapturedConfig(running=f"hostname {name}\n")
        finally:
            self.now -= 1


def fleet(credential: str, count: int = 60) -> list[Device]:
    key = CredentialId(uuid5(UUID(int=0), credential))
    return [
        device(f"{credential}{n:02}").model_copy(update={"credential_id": key})
        for n in range(count)
    ]


async def run(
    logins: Logins,
    devices: list[Device],
    earlier: tuple[DeviceResult, ...] = (),
    device_timeout: float = 30,
) -> tuple[DeviceResult, ...]:
    ports = BackupPorts(
        readers=logins,
        credentials=MemoryCredentials(),
        keeping=KeepingPorts(
            versions=MemoryVersions(),
            files=MemoryFiles(),
            check=lambda *_: None,
            normalise=lambda _, text: text,
        ),
        recorder=MemoryRecorder(),
        watcher=MemoryWatcher(),
        redact=str,
    )
    number = max((result.attempt for result in earlier), default=0) + 1
    attempt = Attempt(
        number=number,
        deadline=Deadline.after(30),
        settle_by=Deadline.after(31),
        device_timeout=device_timeout,
        limits=Limits(sessions=40),
    )
    return await back_up(devices, earlier, ports, attempt)


def names(devices: list[Device]) -> set[str]:
    return {one.name for one in devices}


async def test_a_wrong_password_is_tried_a_few_times_and_in_a_retry_once() -> None:
    wrong, right = fleet("a"), fleet("b")
    logins = Logins(refusing=names(wrong))
    first = await run(logins, wrong + right)
    assert len(names(wrong) & set(logins.asked)) == MOST_REFUSED
    assert {r.device_name for r in first if r.ok} == names(right)
    left = [r for r in first if r.cause == "not_begun"]
    assert len(left) == len(wrong) - MOST_REFUSED
    assert "lock the account" in left[0].summary

    history = first
    for _ in range(2):
        logins.asked.clear()
        history += await run(logins, wrong + right, history)
        assert len(logins.asked) == 1

    # Corrected, everybody is backed up.
    logins.refusing.clear()
    last = await run(logins, wrong + right, history)
    assert {r.device_name for r in last if r.ok} == names(wrong + right)


async def test_one_accepted_login_lets_all_others_follow() -> None:
    devices = fleet("a")
    logins = Logins(refusing={one.name for one in devices[: MOST_REFUSED - 1]} | {devices[20].name})
    results = await run(logins, devices)
    assert len(logins.asked) == len(devices)
    assert sum(result.ok for result in results) == len(devices) - MOST_REFUSED
    assert logins.before_success <= MOST_REFUSED < logins.most


async def test_the_others_follow_a_login_not_its_answer() -> None:
    devices = fleet("a")
    logins = Logins(refusing=set(), answering=asyncio.Event())
    running = asyncio.create_task(run(logins, devices))
    while logins.now < 40:  # noqa: ASYNC110 - it fails by the test's time limit
        await asyncio.sleep(0.01)
    assert logins.answering is not None
    logins.answering.set()
    assert all(result.ok for result in await running)


async def test_devices_that_are_merely_dead_hold_up_the_others_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netstacks_tasks.operations.backup.PATIENCE_SECONDS", 0.1)
    devices = fleet("a")
    logins = Logins(refusing=set(), dead={one.name for one in devices[:MOST_REFUSED]})
    results = await run(logins, devices, device_timeout=2)
    assert refused_logins.PATIENCE_SECONDS > 1
    dead = [result for result in results if not result.ok]
    assert {result.cause for result in dead} == {"timed_out"}
    assert len(dead) == MOST_REFUSED
    # They were all still waiting when the others went.
    assert logins.most > MOST_REFUSED


async def test_devices_without_a_credential_fail_by_it_alone() -> None:
    logins = Logins(refusing=set())
    devices = [device("a"), *fleet("b", 3)]
    error = DeviceError("a", "credential", "auth", "neither names a credential")
    credentials = MemoryCredentials(errors={"a": error})
    ports = BackupPorts(
        readers=logins,
        credentials=credentials,
        keeping=KeepingPorts(
            versions=MemoryVersions(),
            files=MemoryFiles(),
            check=lambda *_: None,
            normalise=lambda _, text: text,
        ),
        recorder=MemoryRecorder(),
        watcher=MemoryWatcher(),
        redact=str,
    )
    attempt = Attempt(number=1, deadline=Deadline.after(30), settle_by=Deadline.after(31))
    results = await back_up(devices, (), replace(ports), attempt)
    assert {r.device_name: r.cause for r in results if not r.ok} == {"a": "auth"}
