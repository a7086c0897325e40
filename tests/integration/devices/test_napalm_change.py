"""Change EOS and Junos through NAPALM's own drivers, and let the device take changes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from netstacks_tasks.devices import napalm_commits, napalm_writer
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.ports import ConfigChange
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.models.rollout import ConfigMode
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts import eos_device
from tests.hosts.eos_device import EosDevice
from tests.hosts.https_api import serving
from tests.hosts.junos_device import JunosDevice
from tests.hosts.ssh_speaker import speaking

PASSWORD = "canary-password"
EOS = """\
hostname leaf-1
interface Ethernet1
   description uplink
interface Management1
   description oob
ip route 192.0.2.0/24 Null0
"""
JUNOS = """\
version 22.4R3;
system {
    host-name mx-1;
}
interfaces {
    fxp0 {
        description oob;
    }
}
"""
GOOD = {
    "eos": "\nvlan 730\n   name cameras\n!\ninterface Ethernet1\n   description what is it?\n",
    "junos": "interfaces {\n    lo0 {\n        description what;\n        unit 0;\n    }\n}\n",
}
ADDED = {
    "eos": ["+vlan 730", "+   name cameras", "-   description uplink"],
    "junos": ["+     lo0 {", "+         description what;"],
}
CUTTING = {
    "eos": "interface Management1\n   shutdown\n",
    "junos": "interfaces {\n    fxp0 {\n        disable;\n    }\n}\n",
}
BOTH = pytest.mark.parametrize("platform", ["eos", "junos"])
Speaker = EosDevice | JunosDevice


@asynccontextmanager
async def device(platform: str, folder: Path) -> AsyncIterator[Speaker]:
    if platform == "junos":
        async with speaking(JunosDevice("deploy", PASSWORD, JUNOS)) as junos:
            yield junos
        return
    eos = EosDevice("deploy", PASSWORD, {}, running=eos_device.parsed(EOS))
    with serving(eos, folder) as opened:
        yield opened


def target(speaker: Speaker, password: str = PASSWORD) -> DeviceTarget:
    eos = isinstance(speaker, EosDevice)
    return DeviceTarget(
        device=Device(
            id=DeviceId(uuid4()),
            name="leaf-1",
            host="127.0.0.1",
            port=22 if eos else speaker.port,
            platform="eos" if eos else "junos",
            options={"port": speaker.port} if eos else {},
        ),
        credential=DeviceCredential(username="deploy", password=SecretStr(password)),
    )


@asynccontextmanager
async def opened(
    speaker: Speaker, candidate: str, mode: ConfigMode = "merge", password: str = PASSWORD
) -> AsyncIterator[ConfigChange]:
    wanted = target(speaker, password)
    async with DeviceAccess(MemoryHostKeys()) as access:
        writer = access.writer_for(wanted.device)
        async with writer.change(wanted, candidate, mode=mode) as change:
            yield change


def assert_nothing_left(speaker: Speaker) -> None:
    """No candidate, no lock, nothing that waits for its confirmation."""
    assert speaker.waiting is None
    if isinstance(speaker, EosDevice):
        assert speaker.sessions == {}
    else:
        assert speaker.holder is None
        assert speaker.candidate == speaker.committed


@BOTH
async def test_a_change_is_made_kept_and_found_in_force(platform: str, tmp_path: Path) -> None:
    async with device(platform, tmp_path) as speaker:
        old = speaker.shown()
        async with opened(speaker, GOOD[platform]) as change:
            assert (await change.running(timeout=20)).strip() == old.strip()
            diff = await change.compare(timeout=20)
            assert set(ADDED[platform]) <= set(diff.splitlines())
            assert speaker.shown() == old
            assert_nothing_left(speaker)
            await change.apply(timeout=20)
            assert speaker.waiting is not None
            await change.verify(timeout=20)
            await change.keep(save=True, timeout=20)
            new = speaker.shown()
            assert new != old
            assert await change.compare(timeout=20) == ""
        assert_nothing_left(speaker)
        assert speaker.shown() == new
        assert not isinstance(speaker, EosDevice) or speaker.startup == speaker.running


async def test_nothing_is_saved_that_is_not_to_be(tmp_path: Path) -> None:
    async with device("eos", tmp_path) as speaker, opened(speaker, GOOD["eos"]) as change:
        await change.apply(timeout=20)
        await change.keep(save=False, timeout=20)
        assert isinstance(speaker, EosDevice)
        assert "vlan 730" in speaker.running
        assert speaker.startup == {}
        assert_nothing_left(speaker)


@BOTH
async def test_the_whole_configuration_is_replaced(platform: str, tmp_path: Path) -> None:
    whole = {
        "eos": "hostname leaf-9\ninterface Management1\n   description oob\n",
        "junos": "version 22.4R3;\nsystem {\n    host-name mx-9;\n}\n",
    }[platform]
    async with device(platform, tmp_path) as speaker, opened(speaker, whole, "replace") as change:
        before = await change.running(timeout=20)
        assert "-9" in await change.compare(timeout=20)
        await change.apply(timeout=20)
        await change.verify(timeout=20)
        assert "Ethernet1" not in speaker.shown()
        assert "fxp0" not in speaker.shown()
        await change.keep(save=True, timeout=20)
        # It was kept: only the whole of what it had brings it back.
        await change.roll_back(before, timeout=20)
        assert (await change.running(timeout=20)).splitlines()[2:] == before.splitlines()[2:]
        assert_nothing_left(speaker)
