"""The state of EOS and NX-OS through NAPALM's own drivers, over real HTTPS."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.https_api import HttpsApi, serving
from tests.integration.devices.test_https_platforms import PASSWORD, target


def eos_interface(*, up: bool, status: str, counters: dict[str, int]) -> dict[str, Any]:
    return {
        "lineProtocolStatus": "up" if up else "down",
        "interfaceStatus": status,
        "description": "",
        "mtu": 9214,
        "bandwidth": 10_000_000_000,
        "hardware": "ethernet",
        "interfaceCounters": counters,
    }


EOS_COUNTERS = {
    "inOctets": 9000,
    "outOctets": 8000,
    "inUcastPkts": 70,
    "inMulticastPkts": 6,
    "inBroadcastPkts": 4,
    "outUcastPkts": 60,
    "totalInErrors": 31,
    "totalOutErrors": 2,
    "inDiscards": 1,
}
EOS_PEER = {
    "peerAddress": "192.0.2.9",
    "localAsn": 65001,
    "asn": "65002.1",
    "routerId": "192.0.2.9",
    "description": "upstream",
    "prefixesReceived": 500,
    "prefixesSent": 7,
    "v6PrefixesReceived": 0,
    "v6PrefixesSent": 0,
}
NO_PEERS: dict[str, Any] = {"vrfs": {}}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[HttpsApi]:
    with serving(HttpsApi("backup", PASSWORD, {}), tmp_path) as opened:
        yield opened


@pytest.fixture
async def access() -> AsyncIterator[DeviceAccess]:
    async with DeviceAccess(MemoryHostKeys()) as opened:
        yield opened


async def test_facts_of_eos(api: HttpsApi, access: DeviceAccess) -> None:
    version = {
        "version": "4.31.2F",
        "internalVersion": "4.31.2F-1",
        "modelName": "DCS-7050SX3",
        "serialNumber": "JPE1",
        "bootupTimestamp": time.time() - 5000,
    }
    hostname = {"hostname": "leaf-1", "fqdn": "leaf-1.example.net"}
    api.outputs |= {
        "show version": version,
        "show hostname": hostname,
        "show interfaces": {"interfaces": {"Ethernet1": {}}},
    }
    facts = await access.state_for("eos").facts(target("eos", api), timeout=20)
    assert (facts.hostname, facts.vendor, facts.model) == ("leaf-1", "Arista", "DCS-7050SX3")
    assert (facts.os_version, facts.serial_number) == ("4.31.2F-1", "JPE1")
    assert facts.uptime_seconds is not None
    assert 5000 <= facts.uptime_seconds < 5100


async def test_counters_of_eos(api: HttpsApi, access: DeviceAccess) -> None:
    api.outputs["show interfaces"] = {
        "interfaces": {
            "Ethernet1": eos_interface(up=True, status="connected", counters=EOS_COUNTERS),
            "Ethernet2": eos_interface(up=False, status="disabled", counters={}),
            "Ethernet3": eos_interface(up=False, status="notconnect", counters={}),
        }
    }
    first, second, third = await access.state_for("eos").interfaces(target("eos", api), timeout=20)
    assert (first.up, first.enabled, first.speed_mbps) == (True, True, 10_000)
    assert (first.rx_bytes, first.rx_packets, first.tx_packets) == (9000, 80, 60)
    assert (first.rx_errors, first.tx_errors, first.errors) == (31, 2, 33)
    assert (first.rx_discards, first.tx_discards) == (1, None)
    assert (second.up, second.enabled, second.rx_errors) == (False, False, None)
    assert (third.up, third.enabled) == (False, True)


async def test_neighbours_of_eos(api: HttpsApi, access: DeviceAccess) -> None:
    shut = EOS_PEER | {
        "peerAddress": "192.0.2.10",
        "state": "Idle",
        "idleReason": "Administratively shut down",
    }
    up = EOS_PEER | {"state": "Established", "establishedTime": 4242}
    summary = {"routerId": "192.0.2.1", "peers": {"192.0.2.9": {"prefixAccepted": 480}}}
    api.outputs |= {
        "show ip bgp summary vrf all": {"vrfs": {"default": summary}},
        "show ipv6 bgp summary vrf all": {"vrfs": {"default": summary | {"peers": {}}}},
        "show ip bgp neighbors vrf all": {"vrfs": {"default": {"peerList": [up, shut]}}},
        "show ipv6 bgp peers vrf all": NO_PEERS,
    }
    found = await access.state_for("eos").bgp_neighbours(target("eos", api), timeout=20)
    established, idle = found
    assert (established.vrf, established.state) == ("default", "established")
    assert established.remote_as == 65002 * 65536 + 1
    assert (established.prefixes_received, established.prefixes_sent) == (480, 7)
    assert (established.uptime_seconds, established.description) == (4242, "upstream")
    assert (idle.state, idle.enabled, idle.prefixes_received) == ("idle", False, None)


async def test_a_command_of_eos(api: HttpsApi, access: DeviceAccess) -> None:
    api.outputs["show ip bgp summary"] = "BGP summary information for VRF default\n"
    state, wanted = access.state_for("eos"), target("eos", api)
    shown = await state.show(wanted, "show ip bgp summary", timeout=20)
    assert shown == "BGP summary information for VRF default\n"
    with pytest.raises(DeviceError) as caught:
        await state.show(wanted, "show mlag", timeout=20)
    assert (caught.value.stage, caught.value.cause) == ("command", "bad_output")


@pytest.mark.parametrize("platform", ["eos", "nxos"])
async def test_an_answer_of_another_form_is_no_state(
    platform: str, api: HttpsApi, access: DeviceAccess
) -> None:
    api.outputs |= {"show interfaces": {"error": "busy"}, "show interface": {"error": "busy"}}
    with pytest.raises(DeviceError) as caught:
        await access.state_for(platform).interfaces(target(platform, api), timeout=20)
    assert (caught.value.stage, caught.value.cause) == ("command", "bad_output")


async def test_nx_os_shows_links_and_no_counters(
    api: HttpsApi, access: DeviceAccess, caplog: pytest.LogCaptureFixture
) -> None:
    """Its driver has no getter for them, and this device has no SNMP login."""
    row = {
        "interface": "Ethernet1/1",
        "admin_state": "up",
        "state": "up",
        "desc": "uplink",
        "eth_mtu": "1500",
        "eth_bw": 10000000,
        "eth_hw_addr": "0011.2233.4455",
    }
    shut = row | {"interface": "Ethernet1/2", "admin_state": "down", "state": "down"}
    api.outputs["show interface"] = {"TABLE_interface": {"ROW_interface": [row, shut]}}
    first, second = await access.state_for("nxos").interfaces(target("nxos", api), timeout=20)
    assert (first.name, first.up, first.enabled) == ("Ethernet1/1", True, True)
    assert (first.description, first.speed_mbps) == ("uplink", 10_000)
    assert (first.rx_errors, first.rx_bytes) == (None, None)
    assert (second.up, second.enabled) == (False, False)
    assert "the credential has no snmp_community" in caplog.text
