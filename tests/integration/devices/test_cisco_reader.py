"""Configurations read over asyncssh are those that NAPALM's drivers read, from odd devices too."""

from __future__ import annotations

import socket
from uuid import uuid4

import asyncssh
import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.napalm_reader import NapalmReader
from netstacks_tasks.devices.ports import CapturedConfig
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.cisco_line import CiscoLine
from tests.hosts.ssh_speaker import speaking

PASSWORD, SECRET = "canary-password", "canary-enable"
IOS = """Building configuration...

Current configuration : 4711 bytes
!
! Last configuration change at 10:11:12 UTC Mon Mar 1 2021 by admin
! NVRAM config last updated at 10:11:13 UTC Mon Mar 1 2021 by admin
!
version 15.7
hostname r1
!
interface GigabitEthernet0/0
 description Zürich, core
 ip address 192.0.2.1 255.255.255.0
!
banner motd ^C
not-the-prompt#
^C
!
end
"""
NXOS = """
!Command: show running-config
!Running configuration last done at: Mon Mar  1 10:11:12 2021
!Time: Mon Mar  1 10:12:00 2021

version 9.3(5) Bios:version 07.67
hostname r1

interface mgmt0
  ip address 192.0.2.2/24
"""
SAVED = "!Startup config saved"
LONG = "version 15.7\n" + "".join(f"interface Vlan{n}\n shutdown\n" for n in range(60)) + "end\n"


def target(device: CiscoLine, platform: str = "ios", **options: bool) -> DeviceTarget:
    return DeviceTarget(
        device=Device(
            id=DeviceId(uuid4()),
            name="r1",
            host="127.0.0.1",
            port=device.port,
            platform=platform,
            options=options,
        ),
        credential=DeviceCredential(
            username="backup", password=SecretStr(PASSWORD), enable_secret=SecretStr(SECRET)
        ),
    )


async def read(wanted: DeviceTarget, timeout: float = 10) -> CapturedConfig:
    async with DeviceAccess(MemoryHostKeys()) as access:
        reader = access.reader_for(wanted.device.platform)
        return await reader.read_config(wanted, timeout=timeout)


def startup(text: str) -> dict[str, str]:
    return {"show startup-config": text}


@pytest.mark.parametrize(
    ("platform", "running", "saved"),
    [
        ("ios", IOS, IOS.replace("Building configuration...\n", "Using 4711 out of 65536 bytes")),
        ("ios", IOS, "startup-config is not present\n"),
        ("ios", "% Invalid input detected at '^' marker.\n", "% Invalid input\n"),
        (
            "nxos_ssh",
            NXOS,
            NXOS.replace("!Running configuration last done", SAVED),
        ),
    ],
)
async def test_the_text_is_that_of_napalm(platform: str, running: str, saved: str) -> None:
    device = CiscoLine("backup", PASSWORD, running, outputs=startup(saved))
    async with speaking(device):
        ours = await read(target(device, platform))
        theirs = await NapalmReader(MemoryHostKeys()).read_config(
            target(device, platform), timeout=30
        )
    assert ours == theirs
    assert running.strip().splitlines()[-1] in ours.running


@pytest.mark.parametrize(
    "odd",
    [
        {"banner": "\nWelcome to\nrouter-one#\nor not\nswitch>"},
        {"deaf_to_length": True},
        {"enable_secret": SECRET},
        {"pause": 0.2},
        {"piece": 97},
    ],
    ids=lambda odd: next(iter(odd)),
)
async def test_an_odd_device_is_read_whole(odd: dict[str, object]) -> None:
    device = CiscoLine("backup", PASSWORD, LONG, outputs=startup(LONG), **odd)  # type: ignore[arg-type]  # one of its fields
    async with speaking(device):
        found = await read(target(device))
    assert found == CapturedConfig(running=LONG.strip(), startup=LONG.strip())


async def test_a_character_cut_by_packets_stays_whole() -> None:
    text = f"version 15.7\nsnmp-server location {'Zürich ' * 400}\nend\n"
    device = CiscoLine("backup", PASSWORD, text, piece=50)
    async with speaking(device):
        assert (await read(target(device))).running == text.strip()


async def test_a_wrong_enable_secret_is_told() -> None:
    async with speaking(CiscoLine("backup", PASSWORD, LONG, enable_secret="another")) as device:
        with pytest.raises(DeviceError) as caught:
            await read(target(device))
    assert (caught.value.stage, caught.value.cause) == ("prompt", "prompt")
    assert SECRET not in str(caught.value)


async def test_a_device_may_be_read_without_enable() -> None:
    device = CiscoLine("backup", PASSWORD, LONG, enable_secret=SECRET)
    async with speaking(device):
        found = await read(target(device, force_no_enable=True))
    assert found.running == "% Invalid input"
    assert "enable" not in device.asked


async def test_a_device_that_is_silent_from_the_start_was_not_connected_to() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    device = CiscoLine("backup", PASSWORD, LONG, port=silent.getsockname()[1])
    with silent, pytest.raises(DeviceError) as caught:
        await read(target(device), timeout=1)
    assert (caught.value.stage, caught.value.cause) == ("connect", "timed_out")


async def test_an_option_of_an_older_inventory_is_refused() -> None:
    async with speaking(CiscoLine("backup", PASSWORD, LONG)) as device:
        with pytest.raises(DeviceError) as caught:
            await read(target(device, ssh_config_file=True))
    assert caught.value.cause == "unsupported"
    assert device.connections == []


@pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")
@pytest.mark.parametrize(
    "kex", ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"], ids=["group14", "group1"]
)
async def test_the_algorithms_of_old_gear_serve_where_they_are_allowed(kex: str) -> None:
    """Its key is one of 1024 bits, signed with SHA-1; its cipher is CBC."""
    device = CiscoLine("backup", PASSWORD, LONG, outputs=startup(LONG))
    server = await asyncssh.create_server(
        lambda: device,
        "127.0.0.1",
        0,
        server_host_keys=[asyncssh.generate_private_key("ssh-rsa", key_size=1024)],
        process_factory=device.session,
        line_editor=False,
        kex_algs=[kex],
        encryption_algs=["aes128-cbc"],
        mac_algs=["hmac-sha1"],
        signature_algs=["ssh-rsa"],
    )
    device.port = server.get_port()
    try:
        assert (await read(target(device, legacy_algorithms=True))).running == LONG.strip()
        with pytest.raises(DeviceError) as caught:
            await read(target(device))
    finally:
        server.close()
        await server.wait_closed()
    assert caught.value.cause == "kex"
    assert "legacy_algorithms" in caught.value.detail
