"""EOS and NX-OS through NAPALM's own drivers, over real HTTPS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.napalm_reader import NapalmReader
from netstacks_tasks.devices.sanity import check_config
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.https_api import HttpsApi, serving

PASSWORD = "canary-password"
RUNNING = {
    "eos": "! device: leaf-1 (vEOS, EOS-4.31.2F)\n!\nhostname leaf-1\n!\ninterface Ethernet1\n"
    "   description uplink\n!\nend\n",
    "nxos": "\n!Command: show running-config\n!Time: Tue Nov 24 06:00:00 2026\n\n"
    "version 10.3(4a)\nhostname nx-1\nvlan 1,20\ninterface Ethernet1/1\n  no switchport\n",
}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[HttpsApi]:
    with serving(HttpsApi("backup", PASSWORD, {}), tmp_path) as opened:
        yield opened


def target(
    platform: str, api: HttpsApi, *, password: str = PASSWORD, verify: str = ""
) -> DeviceTarget:
    options = {"port": api.port} | ({verify: True} if verify else {})
    device = Device(
        id=DeviceId(uuid4()),
        name="leaf-1",
        host="127.0.0.1",
        platform=platform,
        options=options,
    )
    credential = DeviceCredential(username="backup", password=SecretStr(password))
    return DeviceTarget(device=device, credential=credential)


@pytest.mark.parametrize("platform", ["eos", "nxos"])
async def test_both_configurations_are_read(platform: str, api: HttpsApi) -> None:
    text = RUNNING[platform]
    startup = text.replace("uplink", "spare").replace("vlan 1,20", "vlan 1")
    api.outputs |= {"show running-config": text, "show startup-config": startup}
    found = await NapalmReader(MemoryHostKeys()).read_config(target(platform, api), timeout=20)
    check_config("leaf-1", platform, found.running)
    last = "end" if platform == "eos" else "  no switchport"
    assert found.running.rstrip().splitlines()[-1] == last
    assert found.startup is not None
    assert found.startup != found.running
    assert not [command for command in api.asked if not command.startswith(("show", "enable"))]


@pytest.mark.parametrize("platform", ["eos", "nxos"])
async def test_a_wrong_password_is_told_apart(platform: str, api: HttpsApi) -> None:
    with pytest.raises(DeviceError) as refused:
        await NapalmReader(MemoryHostKeys()).read_config(
            target(platform, api, password="canary-wrong"), timeout=20
        )
    assert (refused.value.stage, refused.value.cause) == ("authenticate", "auth")
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("platform", "option"), [("eos", "enforce_verification"), ("nxos", "ssl_verify")]
)
async def test_a_certificate_of_nobody_is_refused_when_asked(
    platform: str, option: str, api: HttpsApi
) -> None:
    with pytest.raises(DeviceError) as refused:
        await NapalmReader(MemoryHostKeys()).read_config(
            target(platform, api, verify=option), timeout=20
        )
    assert "certificate" in str(refused.value)
    assert api.asked == []


@pytest.mark.parametrize("platform", ["eos", "nxos"])
async def test_a_closed_port_is_refused(platform: str, tmp_path: Path) -> None:
    with serving(HttpsApi("backup", PASSWORD, {}), tmp_path) as gone:
        pass
    with pytest.raises(DeviceError) as refused:
        await NapalmReader(MemoryHostKeys()).read_config(target(platform, gone), timeout=20)
    assert refused.value.cause == "refused"
    assert f"port {gone.port} refuses connections: is its HTTPS API on?" in refused.value.detail


async def test_an_option_that_could_run_code_never_reaches_the_driver(api: HttpsApi) -> None:
    good = target("eos", api)
    bad = good.device.model_copy(update={"options": {"transport": "os.system"}})
    with pytest.raises(DeviceError, match=r"options\.transport: must be 'https'") as refused:
        await NapalmReader(MemoryHostKeys()).read_config(
            good.model_copy(update={"device": bad}), timeout=20
        )
    assert refused.value.cause == "unsupported"
