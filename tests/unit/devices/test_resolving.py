"""What is connected to is an address that was looked at, whatever the name says a moment later."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.host_key import offered_key
from netstacks_tasks.devices.icmp import IcmpPinger
from netstacks_tasks.devices.napalm_host import follow_no_redirects, hostname_for
from netstacks_tasks.devices.netmiko_watch import WatchedSocket
from netstacks_tasks.devices.resolving import addresses, addresses_now
from netstacks_tasks.devices.snmp import SnmpNames
from netstacks_tasks.devices.snmp_engines import SnmpEngines
from netstacks_tasks.devices.tcp import open_connection
from netstacks_tasks.errors import DeviceError, InvalidInput
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.testing import device

METADATA = "169.254.169.254"


class Names:
    """A resolver whose answers are scripted, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[list[str]] = []
        self.asked = 0

    def getaddrinfo(self, host: str, port: int, *_: object, **__: object) -> list[Any]:
        assert host == "r1.example"
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (one, port, 0, 0))
            if ":" in one
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in found
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    scripted = Names()
    monkeypatch.setattr(socket, "getaddrinfo", scripted.getaddrinfo)
    return scripted


@pytest.fixture
def listening() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def named(port: int = 22, platform: str = "linux", host: str = "r1.example") -> Device:
    return device("r1", platform).model_copy(update={"host": host, "port": port})


def target(version: str) -> DeviceTarget:
    one = named()
    snmp = one.snmp.model_copy(update={"version": version})
    credential = DeviceCredential(
        username="u", snmp_community=SecretStr("public"), snmp_user="monitor"
    )
    return DeviceTarget(device=one.model_copy(update={"snmp": snmp}), credential=credential)


async def _sysname(version: str) -> object:
    engines = SnmpEngines()
    names = SnmpNames(engines)
    try:
        return await names.sysname(target(version), timeout=5)
    finally:
        names.close()
        engines.close()


async def _connect(kind: str) -> object:
    match kind:
        case "tcp":
            return await open_connection(named(), timeout=5)
        case "host key":
            return await offered_key(named(), timeout=5)
        case "thread":
            return await asyncio.to_thread(WatchedSocket.connect_to, named(platform="ios"), 5)
        case "driver":
            return await asyncio.to_thread(hostname_for, named(platform="eos"))
        case "ping":
            return await IcmpPinger().ping(target("v2c"), timeout=5)
        case _:
            return await _sysname(kind)


@pytest.mark.parametrize("kind", ["tcp", "host key", "thread", "driver", "v2c", "v3", "ping"])
async def test_a_name_that_stands_for_a_metadata_service_is_not_connected_to(
    names: Names, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netstacks_tasks.devices.icmp.ping_permitted", lambda: True)
    names.answers = [[METADATA, f"::ffff:{METADATA}"]]
    with pytest.raises(DeviceError, match="where clouds have their metadata service") as caught:
        await _connect(kind)
    assert (caught.value.stage, caught.value.cause) == ("resolve", "not_permitted")


async def test_only_the_addresses_that_may_be_are_tried(names: Names, listening: int) -> None:
    names.answers = [[METADATA, "127.0.0.1"], [METADATA]]
    with await open_connection(named(listening), timeout=5) as connected:
        assert connected.getpeername() == ("127.0.0.1", listening)
    assert names.asked == 1, "asked again it would have stood for something else"


def test_a_driver_gets_the_address_and_not_the_name(names: Names) -> None:
    names.answers = [["127.0.0.9"], [METADATA]]
    assert hostname_for(named(platform="nxos")) == "127.0.0.9"
    names.answers = [["2001:db8::9"]]
    assert hostname_for(named(platform="eos")) == "[2001:db8::9]"
    assert hostname_for(named(platform="junos")) == "2001:db8::9"


def test_a_certificate_is_checked_for_the_name(names: Names) -> None:
    names.answers = [["127.0.0.9"]]
    verifying = named(platform="nxos").model_copy(update={"options": {"ssl_verify": True}})
    assert hostname_for(verifying) == "r1.example"


async def test_an_operator_says_where_devices_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSTACKS_DEVICE_NETWORKS", "192.0.2.0/24")
    with pytest.raises(DeviceError, match=r"127\.0\.0\.1 is in none of the networks"):
        await addresses(named(host="127.0.0.1"), 22)
    assert addresses_now(named(host="192.0.2.9"), 22) == [(socket.AF_INET, ("192.0.2.9", 22))]
    monkeypatch.setenv("NETSTACKS_DEVICE_NETWORKS", "everywhere")
    with pytest.raises(InvalidInput, match="NETSTACKS_DEVICE_NETWORKS: write networks as"):
        await addresses(named(host="127.0.0.1"), 22)


def test_a_device_leads_its_driver_nowhere_else() -> None:
    from napalm.nxapi_plumbing import api_client

    follow_no_redirects()
    assert api_client.requests.post.keywords == {"allow_redirects": False}


@pytest.mark.parametrize("host", ["0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE", "0x0"])
async def test_no_way_to_write_an_address_gets_around_it(host: str) -> None:
    with pytest.raises(DeviceError, match="list its network in NETSTACKS_DEVICE_NETWORKS"):
        await addresses(named(host=host), 22)
    with pytest.raises(DeviceError, match="list its network in NETSTACKS_DEVICE_NETWORKS"):
        addresses_now(named(host=host), 22)
