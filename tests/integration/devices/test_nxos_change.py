"""Change NX-OS through NAPALM's own driver: without a candidate, from checkpoint to checkpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.ports import ConfigChange
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.rollout import ConfigMode
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.eos_device import Tree
from tests.hosts.https_api import serving
from tests.hosts.nxos_device import NxosDevice

from .test_https_platforms import PASSWORD, target

STACK = "vlan 730\n  name cameras\ninterface Ethernet1/1\n  description what is it?\n"


@pytest.fixture
def speaker(tmp_path: Path) -> Iterator[NxosDevice]:
    running: Tree = {"interface Ethernet1/1": {"description uplink": {}}}
    device = NxosDevice("backup", PASSWORD, {}, running=running)
    with serving(device, tmp_path):
        yield device


@asynccontextmanager
async def opened(
    speaker: NxosDevice, candidate: str, mode: ConfigMode = "merge"
) -> AsyncIterator[ConfigChange]:
    wanted = target("nxos", speaker)
    async with DeviceAccess(MemoryHostKeys()) as access:
        writer = access.writer_for(wanted.device)
        async with writer.change(wanted, candidate, mode=mode) as change:
            yield change


async def test_a_change_is_made_and_saved_only_when_it_is_kept(speaker: NxosDevice) -> None:
    async with opened(speaker, STACK) as change:
        diff = await change.compare(timeout=20)
        assert {"+vlan 730", "+  name cameras"} <= set(diff.splitlines())
        assert await change.apply(timeout=20) == (
            "without a commit timer, which NAPALM has not for nxos",
        )
        await change.verify(timeout=20)
        assert speaker.startup == {}
        await change.keep(save=True, timeout=20)
        assert speaker.startup == speaker.running
        assert await change.compare(timeout=20) == ""
    assert "vlan 730" in speaker.running
    assert speaker.files == {}


async def test_a_refused_line_is_told_and_the_ones_before_it_are_gone(speaker: NxosDevice) -> None:
    old = speaker.shown()
    async with opened(speaker, "vlan 730\n  name cameras\n  colour blue\n") as change:
        before = await change.running(timeout=20)
        with pytest.raises(DeviceError) as refused:
            await change.apply(timeout=20)
        assert refused.value.detail == (
            "line 3 of the rendered configuration, 'colour blue': % Invalid command"
        )
        assert (refused.value.stage, refused.value.cause) == ("apply", "rejected")
        await change.roll_back(before, timeout=20)
    assert speaker.shown() == old
    assert speaker.startup == {}
    assert speaker.files == {}


async def test_what_is_not_in_force_is_taken_back_to_the_checkpoint(speaker: NxosDevice) -> None:
    old, speaker.ignored = speaker.shown(), "vlan 730"
    async with opened(speaker, STACK) as change:
        before = await change.running(timeout=20)
        await change.apply(timeout=20)
        with pytest.raises(DeviceError, match="vlan 730") as found:
            await change.verify(timeout=20)
        assert found.value.cause == "mismatch"
        await change.roll_back(before, timeout=20)
    assert speaker.shown() == old
    assert speaker.startup == {}
    assert speaker.files == {}


async def test_an_older_checkpoint_is_never_gone_back_to(speaker: NxosDevice) -> None:
    speaker.files["rollback_config.txt"] = {"vlan 666": {}}
    async with opened(speaker, STACK) as change:
        before = await change.running(timeout=20)
        speaker.running["vlan 7"] = {}
        with pytest.raises(DeviceError, match="give the device the platform nxos_ssh") as lost:
            await change.roll_back(before, timeout=20)
    assert lost.value.stage == "roll_back"
    assert "vlan 666" not in speaker.running


async def test_a_whole_configuration_is_not_copied_past_the_host_key(speaker: NxosDevice) -> None:
    async with opened(speaker, STACK, "replace") as change:
        with pytest.raises(DeviceError, match="without a look at the host key") as refused:
            await change.compare(timeout=20)
    assert (refused.value.stage, refused.value.cause) == ("compare", "unsupported")
