"""Read the state of the simulated fleet: through NAPALM's ios driver, vtysh and a shell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncssh
import pytest
from pydantic import SecretStr

from netstacks_tasks.demo.fleet import Fleet
from netstacks_tasks.devices import show_output, vtysh_state
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.snmp_engines import SnmpEngines
from netstacks_tasks.devices.snmp_interfaces import SnmpInterfaces
from netstacks_tasks.errors import DeviceError, InvalidInput
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.ssh_speaker import SshSpeaker, speaking
from tests.integration.devices.test_fleet import target

IOS, SWITCH, FRR, LINUX = "core-rtr-01", "edge-sw-01", "core-frr-01", "srv-linux-01"
TRANSIT = "10.1.1.14"
"""The neighbour of the router that is down; the switch has no BGP."""


@pytest.fixture(scope="module")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    async with Fleet.open(tmp_path_factory.mktemp("f"), count=6, base="127.94.0.1") as opened:
        yield opened


@pytest.fixture
async def access(fleet: Fleet) -> AsyncIterator[DeviceAccess]:
    async with DeviceAccess(MemoryHostKeys()) as opened:
        yield opened
    await fleet.operations.heal({})


def as_platform(wanted: DeviceTarget, platform: str) -> DeviceTarget:
    return wanted.model_copy(
        update={"device": wanted.device.model_copy(update={"platform": platform})}
    )


async def test_facts_of_each_platform(fleet: Fleet, access: DeviceAccess) -> None:
    for name, vendor, version in (
        (IOS, "Cisco", "Version 17.9.4a"),
        (FRR, "FRRouting", "10.2.1"),
        (LINUX, "Debian GNU/Linux", "bookworm"),
    ):
        wanted = target(fleet, name)
        facts = await access.state_for(wanted.device.platform).facts(wanted, timeout=30)
        assert (facts.hostname, facts.vendor) == (name, vendor)
        assert version in facts.os_version
        uptime = fleet.nodes[name].device.uptime
        assert facts.uptime_seconds is not None
        assert uptime - 120 <= facts.uptime_seconds <= uptime + 1


async def test_neighbours_through_the_ios_driver(fleet: Fleet, access: DeviceAccess) -> None:
    wanted = target(fleet, IOS)
    device = fleet.nodes[IOS].device
    found = await access.state_for("ios").bgp_neighbours(wanted, timeout=30)
    configured = [
        node.text.split()[1:4:2]
        for section in device.running.root.starting("router bgp ")
        for node in section.starting("neighbor ")
        if " remote-as " in node.text
    ]
    assert [[one.address, str(one.remote_as)] for one in found] == configured
    by_address = {neighbour.address: neighbour for neighbour in found}
    down = by_address.pop(TRANSIT)
    assert (down.state, down.up, down.enabled) == ("down", False, True)
    assert (down.uptime_seconds, down.prefixes_received) == (None, None)
    assert down.description == "transit provider"
    for neighbour in by_address.values():
        assert (neighbour.state, neighbour.vrf) == ("established", "default")
        assert neighbour.address_families == ("ipv4 unicast",)
        assert neighbour.prefixes_received
        assert neighbour.prefixes_sent
        assert neighbour.uptime_seconds
    shown = await access.state_for("ios").show(wanted, "show ip bgp summary", timeout=30)
    line = next(line for line in shown.splitlines() if line.startswith("10.255.1.250"))
    assert int(line.split()[-1]) == by_address["10.255.1.250"].prefixes_received


async def test_a_neighbour_that_is_shut_is_told_as_such(fleet: Fleet, access: DeviceAccess) -> None:
    for name, address, state in ((IOS, "10.255.1.250", "idle"), (FRR, "10.103.1.6", "idle")):
        device = fleet.nodes[name].device
        section = next(device.running.root.starting("router bgp "))
        section.put(f"neighbor {address} shutdown")
        try:
            wanted = target(fleet, name)
            found = await access.state_for(wanted.device.platform).bgp_neighbours(
                wanted, timeout=30
            )
        finally:
            section.remove(f"neighbor {address} shutdown")
        (shut,) = (neighbour for neighbour in found if neighbour.address == address)
        assert (shut.state, shut.up, shut.enabled) == (state, False, False)


async def test_a_switch_without_bgp_has_no_neighbours(fleet: Fleet, access: DeviceAccess) -> None:
    assert await access.state_for("ios").bgp_neighbours(target(fleet, SWITCH), timeout=30) == ()
    assert await access.state_for("linux").bgp_neighbours(target(fleet, LINUX), timeout=30) == ()


async def test_the_driver_and_the_agent_count_the_same(fleet: Fleet, access: DeviceAccess) -> None:
    """What NAPALM makes of the CLI, held against the device's own SNMP tables."""
    wanted = target(fleet, IOS)
    found = await access.state_for("ios").interfaces(wanted, timeout=30)
    blank = tuple(one.model_copy(update={"rx_errors": None, "tx_discards": None}) for one in found)
    engines = SnmpEngines()
    counted = await SnmpInterfaces(engines).add_to(blank, wanted, timeout=10)
    engines.close()
    for by_driver, by_agent in zip(found, counted, strict=True):
        assert by_driver.rx_errors == by_agent.rx_errors
        assert by_driver.tx_discards == by_agent.tx_discards
        assert by_driver.rx_packets is not None
        assert by_agent.rx_packets is not None
        assert by_driver.rx_packets <= by_agent.rx_packets
        if by_driver.up:
            assert by_agent.rx_packets - by_driver.rx_packets < by_driver.rx_packets / 1000
    assert any(interface.errors for interface in found)
    assert {interface.name for interface in found if not interface.enabled} == {
        "GigabitEthernet0/0/6"
    }
    port = next(one for one in found if one.name == "GigabitEthernet0/0/4")
    assert port.description.startswith("to datacentre fabric")
    assert port.speed_mbps == 1000


@pytest.mark.parametrize("name", [FRR, LINUX])
async def test_counters_of_the_kernel(fleet: Fleet, access: DeviceAccess, name: str) -> None:
    wanted = target(fleet, name)
    found = await access.state_for(wanted.device.platform).interfaces(wanted, timeout=30)
    shell = await access.state_for("linux").show(
        as_platform(wanted, "linux"), "cat /proc/net/dev", timeout=30
    )
    errors = {
        line.split(":")[0].strip(): int(line.split(":")[1].split()[2])
        for line in shell.splitlines()[2:]
    }
    assert {interface.name: interface.rx_errors for interface in found} == errors


@pytest.mark.parametrize("name", [FRR, LINUX])
@pytest.mark.parametrize(
    ("fault", "causes"),
    [
        ("error_page", {"bad_output"}),
        ("empty", {"bad_output"}),
        ("truncate", {"bad_output"}),
        ("close", {"disconnected"}),
        ("down", {"refused"}),
    ],
)
async def test_what_a_broken_device_answers_is_no_state(
    fleet: Fleet, access: DeviceAccess, name: str, fault: str, causes: set[str]
) -> None:
    wanted = target(fleet, name)
    state = access.state_for(wanted.device.platform)
    await state.facts(wanted, timeout=20)  # so that its key is known
    await fleet.operations.break_device({"name": name, "fault": fault})
    with pytest.raises(DeviceError) as caught:
        await state.interfaces(wanted, timeout=20)
    assert caught.value.cause in causes, str(caught.value)
    if name == FRR:
        with pytest.raises(DeviceError) as caught:
            await state.bgp_neighbours(wanted, timeout=20)
        assert caught.value.cause in causes, str(caught.value)


async def test_a_driver_on_a_platform_it_does_not_know_gives_no_facts(
    fleet: Fleet, access: DeviceAccess
) -> None:
    """NX-OS's driver on an IOS device: its getters parse nothing."""
    wanted = as_platform(target(fleet, IOS), "nxos_ssh")
    state = access.state_for("nxos_ssh")
    with pytest.raises(DeviceError) as caught:
        await state.facts(wanted, timeout=30)
    assert (caught.value.stage, caught.value.cause) == ("command", "bad_output")
    with pytest.raises(DeviceError) as caught:
        await state.interfaces(wanted, timeout=30)
    assert (caught.value.stage, caught.value.cause) == ("command", "bad_output")


async def test_a_command_that_is_refused_is_never_sent(fleet: Fleet, access: DeviceAccess) -> None:
    for name in (IOS, FRR, LINUX):
        wanted = target(fleet, name)
        counts = fleet.nodes[name].device.counts
        before = (counts.connections, counts.command_total)
        with pytest.raises(InvalidInput):
            await access.state_for(wanted.device.platform).show(
                wanted, "show running-config", timeout=20
            )
        assert (counts.connections, counts.command_total) == before


async def test_only_what_was_asked_for_is_sent_to_show(fleet: Fleet, access: DeviceAccess) -> None:
    device = fleet.nodes[IOS].device
    before = device.counts.command_total
    shown = await access.state_for("ios").show(
        target(fleet, IOS), "show  interfaces Gi0/0/4 | include errors", timeout=30
    )
    assert "input errors" in shown
    sent = list(device.counts.commands)[-(device.counts.command_total - before) :]
    assert [command for command in sent if command.startswith("show")] == [
        "show interfaces Gi0/0/4 | include errors"
    ]
    assert not [command for command in sent if command.startswith("conf")]


async def test_a_refusal_of_the_device_is_no_answer(fleet: Fleet, access: DeviceAccess) -> None:
    for name, command in ((IOS, "show platform"), (FRR, "show zebra")):
        wanted = target(fleet, name)
        with pytest.raises(DeviceError) as caught:
            await access.state_for(wanted.device.platform).show(wanted, command, timeout=30)
        assert (caught.value.stage, caught.value.cause) == ("command", "bad_output")
        assert "the device refused it: %" in caught.value.detail


async def test_a_device_that_hangs_is_given_up(fleet: Fleet, access: DeviceAccess) -> None:
    for name in (IOS, FRR):
        await fleet.operations.break_device({"name": name, "fault": "hang"})
        wanted = target(fleet, name)
        with pytest.raises(DeviceError) as caught:
            await access.state_for(wanted.device.platform).bgp_neighbours(wanted, timeout=1.5)
        assert caught.value.cause == "timed_out"


async def test_a_platform_that_is_not_known_says_so(fleet: Fleet, access: DeviceAccess) -> None:
    wanted = as_platform(target(fleet, LINUX), "vms")
    state = access.state_for("vms")
    for reading in (state.facts, state.bgp_neighbours, state.interfaces):
        with pytest.raises(DeviceError, match="'vms' is not known"):
            await reading(wanted, timeout=5)
    with pytest.raises(DeviceError, match="'vms' is not known"):
        await state.show(wanted, "show version", timeout=5)


class Flood(SshSpeaker):
    """A device that never stops talking."""

    stopped = False

    async def session(self, process: asyncssh.SSHServerProcess[str]) -> None:
        try:
            while True:
                process.stdout.write("counters " * 4096)
                await process.stdout.drain()
        except (BrokenPipeError, asyncssh.Error):
            self.stopped = True


async def test_a_device_that_streams_for_ever_is_cut_off(
    access: DeviceAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vtysh_state, "MAX_SHOWN_BYTES", 200_000)
    assert show_output.MAX_SHOWN_BYTES > 200_000
    async with speaking(Flood("netops", "canary-password", "")) as device:
        wanted = DeviceTarget(
            device=Device(
                id=DeviceId(uuid4()),
                name="flood",
                host="127.0.0.1",
                port=device.port,
                platform="frr",
            ),
            credential=DeviceCredential(username="netops", password=SecretStr("canary-password")),
        )
        with pytest.raises(DeviceError, match="more than 200000 bytes came") as caught:
            await access.state_for("frr").show(wanted, "show version", timeout=30)
        assert caught.value.cause == "bad_output"
        for _ in range(100):
            if device.stopped:
                break
            await asyncio.sleep(0.05)
        assert device.stopped
