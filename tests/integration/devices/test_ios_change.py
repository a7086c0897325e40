"""Replace the whole configuration of an IOS device through NAPALM's own driver."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.ports import ConfigChange
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.ios_device import IosDevice

pytestmark = pytest.mark.usefixtures("hasty_netmiko")

PASSWORD = "canary-password"
BEFORE = (
    "version 15.7\nhostname r1\nip scp server enable\ninterface Loopback0\n description a\nend\n"
)
WANTED = BEFORE.replace("description a", "description b")


@pytest.fixture
async def ios(tmp_path: Path) -> AsyncIterator[IosDevice]:
    speaker = IosDevice("deploy", PASSWORD, BEFORE)
    speaker.flash = tmp_path / "flash"
    speaker.flash.mkdir()
    await speaker.serve()
    yield speaker
    speaker.server.close()
    for connection in speaker.connections:
        connection.abort()
        await connection.wait_closed()
    await speaker.server.wait_closed()


@asynccontextmanager
async def opened(ios: IosDevice, candidate: str = WANTED) -> AsyncIterator[ConfigChange]:
    target = DeviceTarget(
        device=Device(
            id=DeviceId(uuid4()), name="r1", host="127.0.0.1", port=ios.port, platform="ios"
        ),
        credential=DeviceCredential(username="deploy", password=SecretStr(PASSWORD)),
    )
    async with DeviceAccess(MemoryHostKeys()) as access:
        writer = access.writer_for(target.device)
        async with writer.change(target, candidate, mode="replace") as change:
            yield change


async def test_a_configuration_is_replaced_and_kept(ios: IosDevice) -> None:
    async with opened(ios) as change:
        diff = await change.compare(timeout=20)
        assert {"-  description a", "+  description b"} <= set(diff.splitlines())
        assert ios.shown() == BEFORE
        assert list(ios.flash.iterdir()) == []
        assert "configure terminal" not in ios.asked
        assert await change.apply(timeout=20) == ()
        assert ios.startup == ""
        await change.verify(timeout=20)
        await change.keep(save=True, timeout=20)
        ios.ahead = 3600
        assert ios.shown() == WANTED
        assert "description b" in ios.startup
        assert await change.compare(timeout=20) == ""
    assert list(ios.flash.iterdir()) == []


async def test_what_is_not_in_force_is_taken_back(ios: IosDevice) -> None:
    ios.ignored = " description b"
    async with opened(ios) as change:
        before = await change.running(timeout=20)
        await change.apply(timeout=20)
        with pytest.raises(DeviceError, match="description b") as found:
            await change.verify(timeout=20)
        assert (found.value.stage, found.value.cause) == ("verify", "mismatch")
        await change.roll_back(before, timeout=20)
    assert (ios.shown(), ios.waiting) == (BEFORE, None)


async def test_what_is_refused_changes_nothing(ios: IosDevice) -> None:
    async with opened(ios, WANTED.replace("end", "colour blue\nend")) as change:
        before = await change.running(timeout=20)
        with pytest.raises(DeviceError, match="Invalid input: colour blue") as refused:
            await change.apply(timeout=20)
        assert (refused.value.stage, refused.value.cause) == ("apply", "rejected")
        await change.roll_back(before, timeout=20)
    assert (ios.shown(), ios.waiting) == (BEFORE, None)


async def test_a_device_without_an_archive_is_told_what_it_lacks(ios: IosDevice) -> None:
    ios.archive = False
    async with opened(ios) as change:
        with pytest.raises(DeviceError, match="requires 'archive' feature") as refused:
            await change.apply(timeout=20)
    assert (refused.value.stage, refused.value.cause) == ("apply", "rejected")
    assert ios.shown() == BEFORE


async def test_another_host_gets_neither_the_password_nor_the_configuration(
    ios: IosDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The configuration is copied over a second connection: it is held to the same key."""

    async def heard(said: str) -> None:
        if said == "terminal width 511":
            ios.server.close()
            await ios.serve()
            ios.logins = 0

    monkeypatch.setattr(ios, "heard", heard)
    async with opened(ios) as change:
        with pytest.raises(DeviceError) as refused:
            await change.compare(timeout=20)
    assert refused.value.cause == "host_key"
    assert ios.logins == 0
    assert list(ios.flash.iterdir()) == []
