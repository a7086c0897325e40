"""Change IOS XR through NAPALM's own driver: commits that last at once, and can be taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.ports import ConfigChange
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.eos_device import Tree
from tests.hosts.iosxr_device import IosXrDevice
from tests.hosts.ssh_speaker import speaking

from .test_iosxr import PASSWORD, target

pytestmark = pytest.mark.usefixtures("hasty_netmiko")

SECRET = "canary-secret"
STACK = "interface Loopback7\n description what is it?\n!\n"


@asynccontextmanager
async def device() -> AsyncIterator[IosXrDevice]:
    running: Tree = {"hostname xr-1": {}, "interface Loopback0": {"description id": {}}}
    async with speaking(IosXrDevice("backup", PASSWORD, "", running=running)) as opened:
        yield opened


@asynccontextmanager
async def opened(speaker: IosXrDevice, candidate: str) -> AsyncIterator[ConfigChange]:
    wanted = target(speaker)
    async with DeviceAccess(MemoryHostKeys()) as access:
        writer = access.writer_for(wanted.device)
        async with writer.change(wanted, candidate, mode="merge") as change:
            yield change


async def test_a_change_is_made_verified_and_taken_back() -> None:
    async with device() as speaker, opened(speaker, STACK) as change:
        old = speaker.shown()
        before = await change.running(timeout=40)
        diff = await change.compare(timeout=40)
        assert {"+interface Loopback7", "+ description what is it?"} <= set(diff.splitlines())
        assert speaker.shown() == old
        assert (speaker.wanted, speaker.locked) == ([], False)
        assert await change.apply(timeout=40) == (
            "without a commit timer, which NAPALM has not for iosxr",
        )
        await change.verify(timeout=40)
        assert "Loopback7" in speaker.shown()
        assert (speaker.wanted, speaker.locked) == ([], False)
        await change.roll_back(before, timeout=40)
        assert speaker.shown() == old
        assert speaker.commits == []
        assert (speaker.wanted, speaker.locked) == ([], False)


async def test_a_refused_line_is_told_and_its_secrets_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    candidate = f"username a\n secret 0 {SECRET}\ninterface Loopback7\n colour blue\n"
    async with device() as speaker, opened(speaker, candidate) as change:
        old = speaker.shown()
        with caplog.at_level("DEBUG"), pytest.raises(DeviceError) as refused:
            await change.compare(timeout=40)
        assert (refused.value.stage, refused.value.cause) == ("compare", "rejected")
        assert "% Invalid input detected at '^' marker." in refused.value.detail
        assert SECRET not in str(refused.value)
        assert SECRET not in caplog.text
        assert (speaker.shown(), speaker.wanted) == (old, [])


async def test_a_refused_commit_takes_nobody_elses_back() -> None:
    candidate = "interface Loopback7\n description in use elsewhere\n"
    async with device() as speaker, opened(speaker, candidate) as change:
        before = await change.running(timeout=40)
        speaker.commits = [{"hostname theirs": {}}]
        with pytest.raises(DeviceError, match="'CfgMgr' detected") as refused:
            await change.apply(timeout=40)
        assert (refused.value.stage, refused.value.cause) == ("apply", "rejected")
        await change.roll_back(before, timeout=40)
        assert "xr-1" in speaker.shown()
        assert len(speaker.commits) == 1
        assert (speaker.wanted, speaker.locked) == ([], False)
