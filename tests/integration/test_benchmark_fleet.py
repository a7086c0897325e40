"""The fleet of the backup benchmark: what it serves, and what counts as whole."""

from __future__ import annotations

import re
from uuid import uuid4

from pydantic import SecretStr

from benchmarks.fleet.configuration import LINES, running, startup, wanted
from benchmarks.fleet.control import Fleet
from benchmarks.fleet.device import PASSWORD, USERNAME
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.ports import CapturedConfig
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.testing import MemoryHostKeys

_LOGIN = DeviceCredential(username=USERNAME, password=SecretStr(PASSWORD))


def test_only_a_whole_configuration_counts() -> None:
    text = running("r0000")

    assert len(wanted(text)) == LINES
    assert wanted(text.replace("\n", "\r\n")) == wanted(startup("r0000")) == wanted(text)
    assert wanted(text) != wanted(running("r0001"))
    assert wanted(text.removesuffix("end\n")) == ()
    assert len(wanted(text.replace(" switchport mode access\n", "", 1))) == LINES - 1
    assert wanted("% Authorization failed.\n") == ()


async def test_each_device_serves_its_own() -> None:
    with Fleet(2, latency=0.0, age="modern") as fleet:
        read = [await _read(fleet, number) for number in range(2)]

    for host, found in zip(fleet.hosts, read, strict=True):
        assert wanted(found.running) == wanted(running(host.name))
        assert wanted(found.startup or "") == wanted(running(host.name))
        assert not re.search("Building|Current configuration", found.running)


async def _read(fleet: Fleet, number: int) -> CapturedConfig:
    host = fleet.hosts[number]
    device = Device(
        id=DeviceId(uuid4()),
        name=host.name,
        host=host.address,
        port=host.port,
        platform="ios",
    )
    async with DeviceAccess(MemoryHostKeys()) as access:
        target = DeviceTarget(device=device, credential=_LOGIN)
        return await access.reader_for("ios").read_config(target, timeout=30)
