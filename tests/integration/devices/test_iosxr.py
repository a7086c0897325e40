"""IOS XR through NAPALM's own driver, over a real SSH session with its XML agent."""

from __future__ import annotations

from uuid import uuid4

import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.napalm_reader import NapalmReader
from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.devices.sanity import check_config
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.ssh_speaker import speaking
from tests.hosts.xml_agent import XmlAgentDevice

PASSWORD = "canary-password"
CONFIGURATION = """Building configuration...
!! IOS XR Configuration 7.5.2
!! Last configuration change at Tue Nov 24 06:00:00 2026 by netops
!
hostname xr-1
interface MgmtEth0/RP0/CPU0/0
 description <uplink> & "spare"
 ipv4 address 192.0.2.1 255.255.255.0
!
end
"""


def speaker(*, agent_enabled: bool = True) -> XmlAgentDevice:
    return XmlAgentDevice("backup", PASSWORD, CONFIGURATION, agent_enabled)


def target(device: XmlAgentDevice, password: str = PASSWORD) -> DeviceTarget:
    return DeviceTarget(
        device=Device(
            id=DeviceId(uuid4()),
            name="xr-1",
            host="127.0.0.1",
            port=device.port,
            platform="iosxr",
        ),
        credential=DeviceCredential(username="backup", password=SecretStr(password)),
    )


async def test_the_configuration_is_read_and_nothing_is_locked_or_committed() -> None:
    async with speaking(speaker()) as device:
        found = await NapalmReader(MemoryHostKeys()).read_config(target(device), timeout=40)
    check_config("xr-1", "iosxr", found.running)
    lines = found.running.splitlines()
    assert "hostname xr-1" in lines
    assert ' description <uplink> & "spare"' in lines
    assert "Building configuration" not in found.running
    assert "Last configuration change" not in normalise("iosxr", found.running)
    assert "show running-config" in device.asked
    assert not [said for said in device.asked if "Lock" in said or "ommit" in said]


async def test_a_wrong_password_is_told_apart() -> None:
    async with speaking(speaker()) as device:
        with pytest.raises(DeviceError) as refused:
            await NapalmReader(MemoryHostKeys()).read_config(
                target(device, "canary-wrong"), timeout=40
            )
    assert (refused.value.stage, refused.value.cause) == ("authenticate", "auth")
    assert "canary" not in str(refused.value)


async def test_an_agent_that_is_off_is_told_with_what_to_configure() -> None:
    async with speaking(speaker(agent_enabled=False)) as device:
        with pytest.raises(DeviceError) as refused:
            await NapalmReader(MemoryHostKeys()).read_config(target(device), timeout=40)
    assert refused.value.cause == "unsupported"
    assert "xml agent tty iteration off" in str(refused.value)


async def test_another_host_key_is_refused_before_a_password_is_sent() -> None:
    keys = MemoryHostKeys()
    async with speaking(speaker()) as device:
        first = target(device)
        await NapalmReader(keys).read_config(first, timeout=40)
    async with speaking(speaker()) as other:
        moved = first.device.model_copy(update={"port": other.port})
        with pytest.raises(DeviceError) as refused:
            await NapalmReader(keys).read_config(
                first.model_copy(update={"device": moved}), timeout=40
            )
    assert refused.value.cause == "host_key"
    assert other.asked == []


async def test_a_command_is_shown() -> None:
    async with speaking(speaker()) as device, DeviceAccess(MemoryHostKeys()) as access:
        device.outputs["show bgp summary"] = "Neighbor  Spk  AS\n192.0.2.9 <up> & well\n"
        shown = await access.state_for("iosxr").show(
            target(device), "show  bgp summary", timeout=40
        )
    assert shown.splitlines() == ["Neighbor  Spk  AS", "192.0.2.9 <up> & well"]
    assert [said for said in device.asked if said.startswith("show")] == ["show bgp summary"]
