"""Junos through NAPALM's own driver, over real NETCONF."""

from __future__ import annotations

from uuid import uuid4

import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.napalm_reader import NapalmReader
from netstacks_tasks.devices.sanity import check_config
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.netconf import NetconfDevice
from tests.hosts.ssh_speaker import speaking

PASSWORD = "canary-password"
CONFIGURATION = """
## Last commit: 2026-11-24 06:00:00 UTC by netops
version 22.4R3;
system {
    host-name mx-1;
}
interfaces {
    lo0 {
        unit 0;
    }
}
"""


def target(device: NetconfDevice, password: str = PASSWORD) -> DeviceTarget:
    return DeviceTarget(
        device=Device(
            id=DeviceId(uuid4()),
            name="mx-1",
            host="127.0.0.1",
            port=device.port,
            platform="junos",
        ),
        credential=DeviceCredential(username="backup", password=SecretStr(password)),
    )


async def test_the_configuration_is_read() -> None:
    async with speaking(NetconfDevice("backup", PASSWORD, CONFIGURATION)) as device:
        found = await NapalmReader(MemoryHostKeys()).read_config(target(device), timeout=20)
    check_config("mx-1", "junos", found.running)
    assert "    host-name mx-1;" in found.running.splitlines()
    assert "get-configuration" in device.asked
    assert not {"edit-config", "load-configuration", "commit-configuration"} & set(device.asked)


async def test_a_wrong_password_is_told_apart() -> None:
    async with speaking(NetconfDevice("backup", PASSWORD, CONFIGURATION)) as device:
        with pytest.raises(DeviceError) as refused:
            await NapalmReader(MemoryHostKeys()).read_config(
                target(device, "canary-wrong"), timeout=20
            )
    assert (refused.value.stage, refused.value.cause) == ("authenticate", "auth")
    assert "canary" not in str(refused.value)


async def test_another_host_key_is_refused_before_a_password_is_sent() -> None:
    keys = MemoryHostKeys()
    async with speaking(NetconfDevice("backup", PASSWORD, CONFIGURATION)) as device:
        first = target(device)
        await NapalmReader(keys).read_config(first, timeout=20)
    async with speaking(NetconfDevice("backup", PASSWORD, CONFIGURATION)) as other:
        moved = first.device.model_copy(update={"port": other.port})
        with pytest.raises(DeviceError) as refused:
            await NapalmReader(keys).read_config(
                first.model_copy(update={"device": moved}), timeout=20
            )
    assert refused.value.cause == "host_key"
    assert other.asked == []


async def test_a_command_is_shown_and_filtered_and_a_refusal_is_none() -> None:
    async with (
        speaking(NetconfDevice("backup", PASSWORD, CONFIGURATION)) as device,
        DeviceAccess(MemoryHostKeys()) as access,
    ):
        device.outputs["show bgp summary"] = "Peer      AS\n192.0.2.9 65002 Establ\n192.0.2.8 1\n"
        state = access.state_for("junos")
        shown = await state.show(target(device), "show bgp summary", timeout=20)
        assert shown.split()[:3] == ["Peer", "AS", "192.0.2.9"]
        filtered = await state.show(
            target(device), "show bgp summary | match Establ | no-more", timeout=20
        )
        assert filtered.splitlines() == ["192.0.2.9 65002 Establ"]
        with pytest.raises(DeviceError) as refused:
            await state.show(target(device), "show mpls lsp", timeout=20)
    assert (refused.value.stage, refused.value.cause) == ("command", "bad_output")
