"""Change the configuration of a router nobody here wrote, line by line."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.ports import ConfigChange
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.models.rollout import ConfigMode
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.frr_host import FrrHost, frr_host, missing_parts

pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.skipif(bool(missing_parts()), reason=missing_parts() or "all there"),
]

STACK = """\
ip route 203.0.113.0/24 Null0
!
router bgp 65001
 neighbor 192.0.2.9 remote-as 65009
 neighbor 192.0.2.9 description who is it?
 address-family ipv4 unicast
  network 198.51.100.0/24
  neighbor 192.0.2.9 route-map none out
 exit-address-family
!
route-map none deny 10
"""


@pytest.fixture(scope="module")
def host(request: pytest.FixtureRequest) -> Iterator[FrrHost]:
    """A router whose login shell is vtysh, unless a test wants another."""
    shell = getattr(request, "param", "/usr/bin/vtysh")
    with tempfile.TemporaryDirectory(prefix="netstacks-frr-") as folder:
        Path(folder).chmod(0o755)
        with frr_host(Path(folder) / "host", login_shell=shell) as running:
            yield running


@pytest.fixture
def before(host: FrrHost) -> str:
    return host.vtysh("show running-config")


def target(host: FrrHost) -> DeviceTarget:
    return DeviceTarget(
        device=Device(id=DeviceId(uuid4()), name=host.name, host=host.address, platform="frr"),
        credential=DeviceCredential(username=host.username, password=SecretStr(host.password)),
    )


@asynccontextmanager
async def opened(host: FrrHost, candidate: str, mode: ConfigMode) -> AsyncIterator[ConfigChange]:
    wanted = target(host)
    async with DeviceAccess(MemoryHostKeys()) as access:
        writer = access.writer_for(wanted.device)
        async with writer.change(wanted, candidate, mode=mode) as change:
            yield change


async def change_to(
    change: ConfigChange, *, save: bool = False
) -> tuple[str, str, tuple[str, ...]]:
    """All steps of a change that goes well: the text before, the diff, the notes."""
    old = await change.running(timeout=20)
    diff = await change.compare(timeout=20)
    notes = await change.apply(timeout=20)
    await change.verify(timeout=20)
    await change.keep(save=save, timeout=20)
    return old, diff, notes


@pytest.mark.parametrize(
    "host", ["/usr/bin/vtysh", "/bin/bash"], ids=["vtysh", "bash"], indirect=True
)
async def test_a_change_is_made_seen_and_undone(host: FrrHost, before: str) -> None:
    async with opened(host, STACK, "merge") as change:
        old, diff, notes = await change_to(change)
        assert old == before
        assert notes == ()
        shown = host.vtysh("show running-config")
        assert " neighbor 192.0.2.9 description who is it?" in shown.splitlines()
        assert "  network 198.51.100.0/24" in shown.splitlines()
        assert "ip route 203.0.113.0/24 Null0" in shown.splitlines()
        assert "+ neighbor 192.0.2.9 remote-as 65009" in diff.splitlines()
        assert " router bgp 65001" in diff.splitlines()
        # Once more: nothing to do.
        await change.running(timeout=20)
        assert await change.compare(timeout=20) == ""
        await change.roll_back(old, timeout=20)
    assert host.vtysh("show running-config") == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (" nonsense is here", "% Unknown command: nonsense is here"),
        (" neighbor 192.0.2.77 timers 3 9", "% Specify remote-as or peer-group commands first"),
        (" neighbor 192.0.2.9 remote-as", "% Command incomplete: neighbor 192.0.2.9 remote-as"),
    ],
)
async def test_a_refused_line_is_named_and_what_came_before_it_rolled_back(
    host: FrrHost, before: str, line: str, said: str
) -> None:
    candidate = (
        f"router bgp 65001\n neighbor 192.0.2.8 remote-as 65008\n{line}\n"
        "ip route 203.0.113.0/24 Null0\n"
    )
    async with opened(host, candidate, "merge") as change:
        old = await change.running(timeout=20)
        await change.compare(timeout=20)
        with pytest.raises(DeviceError) as caught:
            await change.apply(timeout=20)
        assert (caught.value.stage, caught.value.cause) == ("apply", "rejected")
        assert "line 3 of the rendered configuration" in caught.value.detail
        assert said in caught.value.detail
        # The line before it is in force, the one after it was never sent.
        shown = host.vtysh("show running-config")
        assert "192.0.2.8" in shown
        assert "203.0.113.0" not in shown
        await change.roll_back(old, timeout=20)
    assert host.vtysh("show running-config") == before


async def test_replaced_and_removed_lines_come_back(host: FrrHost, before: str) -> None:
    """A value that was replaced, a section that was removed, a default that was turned round."""
    host.vtysh(
        "configure terminal",
        *("router bgp 65001", "neighbor 192.0.2.9 remote-as 65009"),
        *("neighbor 192.0.2.9 description old words", "exit"),
        *("ip prefix-list some seq 5 permit 192.0.2.0/24", "vrf red", "exit-vrf"),
    )
    changed = host.vtysh("show running-config")
    candidate = (
        "router bgp 65001\n neighbor 192.0.2.9 description new words\n"
        " no bgp default ipv4-unicast\n"
        "no ip prefix-list some\nno vrf blue\ninterface dum0\n description a section of its own\n"
    )
    try:
        async with opened(host, candidate, "merge") as change:
            old, diff, _ = await change_to(change)
            shown = host.vtysh("show running-config")
            assert "description new words" in shown
            assert "prefix-list" not in shown
            assert "-ip prefix-list some seq 5 permit 192.0.2.0/24" in diff.splitlines()
            assert shown != changed
            await change.roll_back(old, timeout=20)
        assert host.vtysh("show running-config") == changed
    finally:
        host.vtysh(
            "configure terminal",
            *("router bgp 65001", "no neighbor 192.0.2.9", "exit"),
            *("no ip prefix-list some", "no vrf red"),
        )
    assert host.vtysh("show running-config") == before


async def test_a_whole_configuration_is_replaced(host: FrrHost, before: str) -> None:
    whole = before.replace(" bgp router-id 192.0.2.1", " bgp router-id 192.0.2.2")
    whole = whole.replace("router bgp", "ip route 203.0.113.0/24 Null0\n!\nrouter bgp")
    async with opened(host, whole, "replace") as change:
        old, diff, _ = await change_to(change)
        assert diff.splitlines() == [
            " router bgp 65001",
            "- bgp router-id 192.0.2.1",
            "+ bgp router-id 192.0.2.2",
            "+ip route 203.0.113.0/24 Null0",
        ]
        await change.roll_back(old, timeout=20)
    assert host.vtysh("show running-config") == before


async def test_what_the_device_does_not_show_is_no_success(host: FrrHost, before: str) -> None:
    candidate = "ip route 203.0.113.0 255.255.255.0 Null0\n"
    async with opened(host, candidate, "merge") as change:
        old = await change.running(timeout=20)
        await change.compare(timeout=20)
        await change.apply(timeout=20)
        with pytest.raises(DeviceError) as caught:
            await change.verify(timeout=20)
        assert (caught.value.stage, caught.value.cause) == ("verify", "mismatch")
        assert "'ip route 203.0.113.0 255.255.255.0 Null0'" in caught.value.detail
        await change.roll_back(old, timeout=20)
    assert host.vtysh("show running-config") == before


async def test_it_is_saved_or_said_not_to_be(host: FrrHost, before: str) -> None:
    folder = host.directory / "frr"
    async with opened(host, "ip route 203.0.113.0/24 Null0\n", "merge") as change:
        old = await change.running(timeout=20)
        await change.compare(timeout=20)
        await change.apply(timeout=20)
        await change.verify(timeout=20)
        with pytest.raises(DeviceError) as caught:
            await change.keep(save=True, timeout=20)
        assert (caught.value.stage, caught.value.cause) == ("save", "storage")
        assert "Permission denied" in caught.value.detail
        folder.chmod(0o777)
        await change.keep(save=True, timeout=20)
        assert "ip route 203.0.113.0/24" in (folder / "frr.conf").read_text()
        await change.roll_back(old, timeout=20)
    assert host.vtysh("show running-config") == before
