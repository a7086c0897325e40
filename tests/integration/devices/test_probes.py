"""The probes of the health checks, against sockets of this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr
from pysnmp.hlapi.v3arch.asyncio import SnmpEngine

from benchmarks.targets.agent import COMMUNITY, Agent
from netstacks_tasks.devices import echo, snmp_engines
from netstacks_tasks.devices.icmp import IcmpPinger, ping_permitted
from netstacks_tasks.devices.snmp import SnmpNames
from netstacks_tasks.devices.snmp_engines import SnmpEngines
from netstacks_tasks.devices.tcp import open_connection
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget, SnmpSettings
from netstacks_tasks.testing import device

MANY = 150
needs_icmp = pytest.mark.skipif(not ping_permitted(), reason="this process may not send ICMP")


def target(host: str, port: int = 161, community: str = COMMUNITY) -> DeviceTarget:
    return DeviceTarget(
        device=device(host).model_copy(
            update={"host": host, "port": port, "snmp": SnmpSettings(port=port)}
        ),
        credential=DeviceCredential(
            username="netops", password=SecretStr("-"), snmp_community=SecretStr(community)
        ),
    )


def addresses() -> list[str]:
    return [f"127.9.8.{number}" for number in range(1, MANY + 1)]


@pytest.fixture
async def pinger() -> AsyncIterator[IcmpPinger]:
    opened = IcmpPinger()
    yield opened
    opened.close()


@pytest.fixture
async def names() -> AsyncIterator[SnmpNames]:
    opened = SnmpNames(SnmpEngines())
    yield opened
    opened.close()


@contextmanager
def silent_port() -> Iterator[int]:
    """A UDP port where somebody listens and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        yield listening.getsockname()[1]


@needs_icmp
async def test_many_hosts_are_pinged_at_once(pinger: IcmpPinger) -> None:
    answers = await asyncio.gather(
        *(pinger.ping(target(host), timeout=20) for host in [*addresses(), "::1"])
    )
    assert [answer.value for answer in answers] == [*addresses(), "::1"]
    assert all(answer.latency_ms >= 0 for answer in answers)


@needs_icmp
async def test_two_pings_of_one_host_do_not_take_each_others_answers(pinger: IcmpPinger) -> None:
    both = await asyncio.gather(*(pinger.ping(target("127.0.0.1"), timeout=20) for _ in range(2)))
    assert [answer.value for answer in both] == ["127.0.0.1"] * 2


@needs_icmp
async def test_a_name_without_an_address(pinger: IcmpPinger, names: SnmpNames) -> None:
    for probing in (
        pinger.ping(target("nowhere.invalid"), timeout=20),
        names.sysname(target("nowhere.invalid"), timeout=20),
    ):
        with pytest.raises(DeviceError, match="has no address") as caught:
            await probing
        assert (caught.value.stage, caught.value.cause) == ("resolve", "unknown_host")


async def test_without_the_right_to_ping(
    pinger: IcmpPinger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netstacks_tasks.devices.icmp.ping_permitted", lambda: False)
    with pytest.raises(DeviceError, match="may not send ICMP") as caught:
        await pinger.ping(target("127.0.0.1"), timeout=1)
    assert caught.value.cause == "not_permitted"


@pytest.mark.parametrize("packet", [b"", b"\x45", b"\x45" + bytes(30), bytes(100)])
@needs_icmp
async def test_what_is_no_echo_reply_is_passed_over(packet: bytes) -> None:
    opened = echo.EchoSocket(socket.AF_INET)
    try:
        assert opened._read(packet) is None
    finally:
        opened.shared.close()


async def test_many_agents_are_asked_at_once(names: SnmpNames) -> None:
    port = 0
    agents = []
    for host in addresses():
        agents.append(Agent(f"name-of-{host}", host, port))
        port = agents[0].port
    try:
        answers = await asyncio.gather(
            *(names.sysname(target(host, port), timeout=20) for host in addresses())
        )
    finally:
        for agent in agents:
            agent.close()
    assert [answer.value for answer in answers] == [f"name-of-{host}" for host in addresses()]


async def test_another_community_gets_no_answer(names: SnmpNames) -> None:
    agent = Agent("r1", "127.0.0.1", 0)
    try:
        with pytest.raises(DeviceTimeout, match="a wrong community looks the same"):
            await names.sysname(target("127.0.0.1", agent.port, "wrong"), timeout=0.1)
    finally:
        agent.close()


async def test_answers_that_are_none_are_passed_over(names: SnmpNames) -> None:
    """Garbage, a request, and a response to somebody else's request."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
        agent.bind(("127.0.0.1", 0))
        agent.setblocking(False)
        asking = asyncio.create_task(
            names.sysname(target("127.0.0.1", agent.getsockname()[1]), timeout=0.4)
        )
        request, asker = await loop.sock_recvfrom(agent, 4096)
        other = request.replace(b"\xa0", b"\xa2", 1)
        for answer in (b"", b"\x30\x80", bytes(2000), request, other[:-20] + bytes(20)):
            agent.sendto(answer, asker)
        with pytest.raises(DeviceTimeout):
            await asking


async def test_a_silent_agent_is_asked_twice(names: SnmpNames) -> None:
    with silent_port() as port, pytest.raises(DeviceTimeout, match="no SNMP answer"):
        await names.sysname(target("127.0.0.1", port), timeout=0.1)


async def test_a_closed_port_refuses() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed: Device = target("127.0.0.1", unused.getsockname()[1]).device
        with pytest.raises(DeviceError) as caught:
            await open_connection(closed, timeout=5)
    assert (caught.value.stage, caught.value.cause) == ("connect", "refused")


async def test_an_engine_that_knows_many_devices_is_renewed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[SnmpEngine] = []

    def close(engine: SnmpEngine) -> None:
        closed.append(engine)

    monkeypatch.setattr(snmp_engines, "_MOST_SESSIONS", 2)
    monkeypatch.setattr(SnmpEngine, "close_dispatcher", close)
    engines = SnmpEngines()
    async with engines.session(target("127.0.0.1"), timeout=1, tries=1) as first:
        async with engines.session(target("127.0.0.1"), timeout=1, tries=1) as second:
            assert second.engine is first.engine
        async with engines.session(target("127.0.0.1"), timeout=1, tries=1) as third:
            assert third.engine is not first.engine
        # Somebody still asks over it.
        assert closed == []
    assert closed == [first.engine]
    engines.close()
    assert closed == [first.engine, third.engine]
