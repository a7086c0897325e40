from __future__ import annotations

from dataclasses import replace

import pytest

from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.operations import places
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.health_check import HealthCheckPorts, check_health
from netstacks_tasks.operations.parallel import Limits
from netstacks_tasks.operations.probing import CheckName
from netstacks_tasks.testing import (
    MemoryCheckStates,
    MemoryCredentials,
    MemoryProbes,
    MemoryRecorder,
    MemoryWatcher,
    by_name,
    device,
)

CHECKS: tuple[CheckName, ...] = ("ping", "ssh", "snmp_sysname")


@pytest.fixture
def probes() -> MemoryProbes:
    return MemoryProbes()


@pytest.fixture
def ports(probes: MemoryProbes) -> HealthCheckPorts:
    return HealthCheckPorts(
        probes=probes,
        credentials=MemoryCredentials(),
        states=MemoryCheckStates(),
        recorder=MemoryRecorder(),
        watcher=MemoryWatcher(),
        redact=str,
    )


def attempt(number: int = 1, sessions: int = 50) -> Attempt:
    return Attempt(
        number=number,
        deadline=Deadline.after(30),
        settle_by=Deadline.after(31),
        limits=Limits(sessions=sessions),
    )


async def test_every_check_has_a_result_with_latency_or_reason(
    ports: HealthCheckPorts, probes: MemoryProbes
) -> None:
    probes.errors["b", "ping"] = DeviceTimeout("b", "check", "no echo within 5 seconds")
    probes.errors["b", "ssh"] = ValueError("canary-password")
    results = by_name(await check_health([device("a"), device("b")], CHECKS, (), ports, attempt()))
    assert len(results) == 6
    assert results["a", "ssh"].latency_ms == 1.5
    assert results["b", "ping"].cause == "timed_out"
    assert results["b", "ssh"].cause == "internal"
    assert "canary" not in repr(results)


async def test_a_retry_checks_only_what_failed(
    ports: HealthCheckPorts, probes: MemoryProbes
) -> None:
    probes.errors["a", "ssh"] = DeviceTimeout("a", "connect", "slow")
    first = await check_health([device("a"), device("b")], CHECKS, (), ports, attempt(1))
    probes.errors.clear()
    second = await check_health([device("a"), device("b")], CHECKS, first, ports, attempt(2))
    assert probes.calls["a", "ssh"] == 2
    assert {count for key, count in probes.calls.items() if key != ("a", "ssh")} == {1}
    assert len(second) == 6
    assert all(result.ok for result in second)


async def test_going_down_and_coming_up_are_changes(
    ports: HealthCheckPorts, probes: MemoryProbes
) -> None:
    async def ping() -> bool:
        (result,) = await check_health([device("a")], ["ping"], (), ports, attempt())
        return result.changed

    assert not await ping()
    probes.errors["a", "ping"] = DeviceTimeout("a", "check", "no echo")
    assert await ping()
    assert not await ping()
    probes.errors.clear()
    assert await ping()


async def test_what_is_wrong_on_our_side_does_not_make_a_device_down(
    ports: HealthCheckPorts, probes: MemoryProbes
) -> None:
    probes.errors["a", "ping"] = DeviceError("a", "check", "not_permitted", "no raw sockets")
    credentials = MemoryCredentials(
        errors={"b": DeviceError("b", "credential", "auth", "no such block")}
    )
    ports = replace(ports, credentials=credentials)
    results = await check_health([device("a"), device("b")], ["ping"], (), ports, attempt())
    assert not any(result.ok or result.changed for result in results)
    assert isinstance(ports.states, MemoryCheckStates)
    assert not ports.states.up


@pytest.mark.parametrize(
    ("sysname", "summary"),
    [
        ("core-1", "core-1"),
        ("CORE-1.example.net", "CORE-1.example.net"),
        ("other", "other (the inventory calls it core-1)"),
        ("", "sysName is empty"),
    ],
)
async def test_another_name_is_noted_and_no_failure(
    ports: HealthCheckPorts, probes: MemoryProbes, sysname: str, summary: str
) -> None:
    probes.values["core-1", "snmp_sysname"] = sysname
    (result,) = await check_health([device("core-1")], ["snmp_sysname"], (), ports, attempt())
    assert result.ok
    assert result.summary == summary


async def test_no_more_logins_at_once_than_allowed(
    ports: HealthCheckPorts, probes: MemoryProbes
) -> None:
    devices = [device(f"d{n}") for n in range(20)]
    await check_health(devices, CHECKS, (), ports, attempt(sessions=4))
    assert probes.busy["ssh"].most == 4
    assert probes.busy["ping"].most == probes.busy["snmp_sysname"].most == 20
    assert isinstance(ports.watcher, MemoryWatcher)
    assert str(ports.watcher.steps[-1]) == "20/20 done, 0 failed"


async def test_silent_devices_hold_up_nobody(
    ports: HealthCheckPorts, probes: MemoryProbes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_PATIENCE", 0.01)
    monkeypatch.setattr(places, "_LOOKS", 1)
    probes.silent = {f"dead{n}" for n in range(20)}
    devices = [*map(device, sorted(probes.silent)), device("live")]
    one_at_a_time = replace(attempt(sessions=1), device_timeout=2.0)
    results = await check_health(devices, ["ssh"], (), ports, one_at_a_time)
    assert [result.device_name for result in results if result.ok] == ["live"]
    assert {result.cause for result in results if not result.ok} == {"timed_out"}
    # One after the other they would have taken longer than the attempt may.
    assert not any("not started" in result.summary for result in results)


async def test_a_check_that_there_was_no_time_for_takes_no_device_down(
    ports: HealthCheckPorts,
) -> None:
    assert isinstance(ports.states, MemoryCheckStates)
    await check_health([device("a")], ["ping"], (), ports, attempt())
    late = replace(attempt(2), deadline=Deadline.after(0))
    (result,) = await check_health([device("a")], ["ping"], (), ports, late)
    assert "not started" in result.summary
    assert not result.changed
    assert list(ports.states.up.values()) == [True]
