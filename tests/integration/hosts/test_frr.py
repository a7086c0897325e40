"""Capture and check a router nobody here wrote: FRR with OpenSSH and snmpd."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.devices.sanity import check_config
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import (
    Device,
    DeviceCredential,
    DeviceTarget,
    SnmpSettings,
)
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.frr_host import FrrHost, frr_host, missing_parts

pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.skipif(bool(missing_parts()), reason=missing_parts() or "all there"),
]


@pytest.fixture(scope="module", params=["/usr/bin/vtysh", "/bin/bash"], ids=["vtysh", "bash"])
def host(request: pytest.FixtureRequest) -> Iterator[FrrHost]:
    with tempfile.TemporaryDirectory(prefix="netstacks-frr-") as folder:
        Path(folder).chmod(0o755)
        with frr_host(Path(folder) / "host", login_shell=request.param) as running:
            yield running


@pytest.fixture
def keys() -> MemoryHostKeys:
    return MemoryHostKeys()


@pytest.fixture
async def access(keys: MemoryHostKeys) -> AsyncIterator[DeviceAccess]:
    async with DeviceAccess(keys) as opened:
        yield opened


def target(host: FrrHost, *, password: str | None = None, snmp: str = "v2c") -> DeviceTarget:
    return DeviceTarget(
        device=Device(
            id=DeviceId(uuid4()),
            name=host.name,
            host=host.address,
            platform="frr",
            snmp=SnmpSettings.model_validate({"version": snmp}),
        ),
        credential=DeviceCredential(
            username=host.username,
            password=SecretStr(password or host.password),
            snmp_community=SecretStr(host.community),
            snmp_user=host.username,
            snmp_auth_protocol="sha256",
            snmp_auth_key=SecretStr(host.auth_key),
            snmp_priv_protocol="aes128",
            snmp_priv_key=SecretStr(host.priv_key),
        ),
    )


async def test_the_running_configuration_is_read_and_follows_a_change(
    host: FrrHost, access: DeviceAccess
) -> None:
    wanted = target(host)
    reader = access.reader_for("frr")
    before = await reader.read_config(wanted, timeout=20)
    check_config(host.name, "frr", before.running)
    assert f"hostname {host.name}" in before.running
    assert "router bgp 65001" in before.running
    assert before.startup is None
    again = await reader.read_config(wanted, timeout=20)
    assert normalise("frr", again.running) == normalise("frr", before.running)
    host.vtysh("configure terminal", "ip route 203.0.113.0/24 Null0")
    try:
        after = await reader.read_config(wanted, timeout=20)
    finally:
        host.vtysh("configure terminal", "no ip route 203.0.113.0/24 Null0")
    gained = set(after.running.splitlines()) - set(before.running.splitlines())
    assert gained == {"ip route 203.0.113.0/24 Null0"}


async def test_its_checks_are_up(host: FrrHost, access: DeviceAccess) -> None:
    assert (await access.login.login(target(host), timeout=15)).latency_ms > 0
    assert (await access.pinger.ping(target(host), timeout=5)).latency_ms > 0
    for version in ("v2c", "v3"):
        measured = await access.snmp.sysname(target(host, snmp=version), timeout=5)
        assert measured.value == host.name


async def test_a_wrong_password_is_told_as_such(host: FrrHost, access: DeviceAccess) -> None:
    with pytest.raises(DeviceError) as caught:
        await access.login.login(target(host, password="not it"), timeout=15)
    assert (caught.value.stage, caught.value.cause) == ("authenticate", "auth")
    assert "not it" not in str(caught.value)


async def test_a_wrong_snmp_key_is_told_as_such(host: FrrHost, access: DeviceAccess) -> None:
    wanted = target(host, snmp="v3")
    wrong = wanted.credential.model_copy(update={"snmp_auth_key": SecretStr("x" * 12)})
    with pytest.raises(DeviceError) as caught:
        await access.snmp.sysname(wanted.model_copy(update={"credential": wrong}), timeout=4)
    assert caught.value.cause == "auth"


async def test_another_host_key_is_refused_before_the_password_is_sent(
    host: FrrHost, access: DeviceAccess, keys: MemoryHostKeys
) -> None:
    wanted = target(host)
    await access.login.login(wanted, timeout=15)
    (trusted,) = await keys.known(wanted.device.id)
    other = "AAAAC3NzaC1lZDI1NTE5AAAAIGW2Z2Jg2vjLHVkTqQ5kq1Bqz1H6V0d1nS9V8m3Qq2bK"
    keys.replace(wanted.device.id, trusted.model_copy(update={"public_key": other}))
    accepted = (host.directory / "sshd.out").read_text().count("Accepted password")
    with pytest.raises(DeviceError) as caught:
        await access.login.login(wanted, timeout=15)
    assert caught.value.cause == "host_key"
    assert trusted.fingerprint in str(caught.value)
    assert "netstacks device trust" in str(caught.value)
    assert (host.directory / "sshd.out").read_text().count("Accepted password") == accepted


async def test_what_does_not_answer_is_told_apart(host: FrrHost, access: DeviceAccess) -> None:
    closed = target(host)
    refused = closed.device.model_copy(update={"port": 2})
    with pytest.raises(DeviceError) as caught:
        await access.login.login(closed.model_copy(update={"device": refused}), timeout=5)
    assert caught.value.cause == "refused"
