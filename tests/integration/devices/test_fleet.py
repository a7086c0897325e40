"""Read and probe the simulated fleet, whole and with each of its faults."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from netstacks_tasks.demo.fleet import Fleet
from netstacks_tasks.demo.simulated.faults import FaultKind
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.devices.ports import CapturedConfig
from netstacks_tasks.devices.sanity import check_config
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceTarget, SnmpSettings
from netstacks_tasks.testing import MemoryHostKeys

IOS, FRR, LINUX = "core-rtr-01", "core-frr-01", "srv-linux-01"
EACH = (IOS, FRR, LINUX)


@pytest.fixture(scope="module")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    async with Fleet.open(tmp_path_factory.mktemp("f"), count=6, base="127.91.0.1") as opened:
        yield opened


@pytest.fixture
async def access(fleet: Fleet) -> AsyncIterator[DeviceAccess]:
    async with DeviceAccess(MemoryHostKeys()) as opened:
        yield opened
    await fleet.operations.heal({})


def target(fleet: Fleet, name: str) -> DeviceTarget:
    node = fleet.nodes[name]
    kind = node.device.spec.kind
    return DeviceTarget(
        device=Device(
            id=DeviceId(node.device.spec.id),
            name=name,
            host=node.endpoint.host,
            port=node.endpoint.ssh_port,
            platform=kind.family,
            snmp=SnmpSettings(version=kind.credential.snmp_version, port=node.endpoint.snmp_port),
        ),
        credential=node.device.credential,
    )


async def captured(
    fleet: Fleet, access: DeviceAccess, name: str, timeout: float = 20
) -> CapturedConfig:
    wanted = target(fleet, name)
    found = await access.reader_for(wanted.device.platform).read_config(wanted, timeout=timeout)
    check_config(name, wanted.device.platform, found.running)
    return found


async def failure(
    fleet: Fleet, access: DeviceAccess, name: str, fault: FaultKind, timeout: float = 20
) -> DeviceError:
    await fleet.operations.break_device({"name": name, "fault": fault})
    with pytest.raises(DeviceError) as caught:
        await captured(fleet, access, name, timeout)
    return caught.value


async def test_the_ssh_driver_of_nx_os_reads_through_the_checked_connection(
    fleet: Fleet, access: DeviceAccess
) -> None:
    """The device is an IOS one: what is shown is the driver, its login and its commands."""
    ios = target(fleet, IOS)
    nxos = ios.device.model_copy(update={"platform": "nxos_ssh"})
    found = await access.reader_for("nxos_ssh").read_config(
        ios.model_copy(update={"device": nxos}), timeout=30
    )
    assert f"hostname {IOS}" in found.running.splitlines()
    assert found.startup is not None


@pytest.mark.parametrize("name", EACH)
async def test_two_captures_of_an_unchanged_device_are_equal(
    fleet: Fleet, access: DeviceAccess, name: str
) -> None:
    platform = target(fleet, name).device.platform
    first = await captured(fleet, access, name)
    second = await captured(fleet, access, name)
    assert normalise(platform, first.running) == normalise(platform, second.running)
    assert name in first.running
    assert (first.startup is not None) == (name == IOS)


@pytest.mark.parametrize("name", EACH)
async def test_every_check_is_up(fleet: Fleet, access: DeviceAccess, name: str) -> None:
    wanted = target(fleet, name)
    assert (await access.login.login(wanted, timeout=10)).latency_ms > 0
    assert (await access.pinger.ping(wanted, timeout=5)).latency_ms > 0
    assert (await access.snmp.sysname(wanted, timeout=5)).value.startswith(name)


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize(
    ("fault", "causes"),
    [
        ("down", {"refused"}),
        ("hang", {"timed_out"}),
        ("error_page", {"bad_output"}),
        ("empty", {"bad_output"}),
        ("truncate", {"bad_output"}),
        ("close", {"disconnected"}),
        ("kex", {"kex"}),
        ("password", {"auth"}),
    ],
)
async def test_each_fault_is_told_by_its_cause(
    fleet: Fleet, access: DeviceAccess, name: str, fault: FaultKind, causes: set[str]
) -> None:
    await access.login.login(target(fleet, name), timeout=10)
    error = await failure(fleet, access, name, fault, 6 if fault == "hang" else 20)
    assert error.cause in causes, str(error)


@pytest.mark.parametrize("name", EACH)
async def test_a_changed_host_key_is_refused_before_any_login(
    fleet: Fleet, access: DeviceAccess, name: str
) -> None:
    await access.login.login(target(fleet, name), timeout=10)
    counts = fleet.nodes[name].device.counts
    before = (counts.logins, counts.refused_logins)
    error = await failure(fleet, access, name, "host_key")
    assert (error.stage, error.cause) == ("host_key", "host_key")
    assert error.detail.count("SHA256:") == 2
    assert f"netstacks device trust {name}" in error.detail
    assert (counts.logins, counts.refused_logins) == before


async def test_a_refused_enable_secret_is_told(fleet: Fleet, access: DeviceAccess) -> None:
    error = await failure(fleet, access, IOS, "enable")
    assert (error.stage, error.cause) == ("prompt", "prompt"), str(error)


@pytest.mark.parametrize("name", EACH)
async def test_a_silent_agent_times_out(fleet: Fleet, access: DeviceAccess, name: str) -> None:
    await fleet.operations.break_device({"name": name, "fault": "snmp_silent"})
    with pytest.raises(DeviceError) as caught:
        await access.snmp.sysname(target(fleet, name), timeout=2)
    assert caught.value.cause == "timed_out"


async def test_a_wrong_password_is_not_repeated_in_the_error(
    fleet: Fleet, access: DeviceAccess
) -> None:
    wanted = target(fleet, IOS)
    wrong = wanted.credential.model_copy(update={"password": SecretStr("not-the-one")})
    with pytest.raises(DeviceError) as caught:
        await access.reader_for("ios").read_config(
            wanted.model_copy(update={"credential": wrong}), timeout=15
        )
    assert (caught.value.stage, caught.value.cause) == ("authenticate", "auth")
    assert "not-the-one" not in str(caught.value)


@pytest.mark.parametrize("name", EACH)
async def test_a_cancelled_capture_leaves_no_thread(
    fleet: Fleet, access: DeviceAccess, name: str
) -> None:
    await fleet.operations.break_device({"name": name, "fault": "hang"})
    reading = asyncio.create_task(captured(fleet, access, name))
    await asyncio.sleep(2)  # long enough to be logged in and to wait for the prompt
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    for _ in range(100):
        left = [thread.name for thread in threading.enumerate() if name in thread.name]
        if not left:
            break
        await asyncio.sleep(0.1)
    assert left == []
