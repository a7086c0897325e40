"""Change the configuration of simulated devices: IOS behind enable, FRR behind a shell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from netstacks_tasks.demo.fleet import Fleet
from netstacks_tasks.demo.simulated.session import Session
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.ports import ConfigChange
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.testing import MemoryHostKeys

from .test_fleet import target

IOS, FRR, LINUX = "edge-sw-01", "core-frr-01", "srv-linux-01"
VLANS = {
    IOS: "vlan 730\n name cameras\ninterface Vlan730\n description what is it?\n no shutdown\n",
    FRR: "ip route 203.0.113.0/24 Null0\n",
}


@pytest.fixture(scope="module")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    async with Fleet.open(tmp_path_factory.mktemp("f"), count=6, base="127.93.0.1") as opened:
        yield opened


@asynccontextmanager
async def opened(fleet: Fleet, name: str, candidate: str) -> AsyncIterator[ConfigChange]:
    wanted = target(fleet, name)
    async with DeviceAccess(MemoryHostKeys()) as access:
        writer = access.writer_for(wanted.device)
        async with writer.change(wanted, candidate, mode="merge") as change:
            yield change


@pytest.mark.parametrize("name", [IOS, FRR])
async def test_a_change_is_made_kept_and_undone(fleet: Fleet, name: str) -> None:
    async with opened(fleet, name, VLANS[name]) as change:
        before = await change.running(timeout=20)
        assert await change.compare(timeout=5)
        await change.apply(timeout=20)
        await change.verify(timeout=20)
        await change.keep(save=True, timeout=20)
        for line in VLANS[name].splitlines():
            assert line in (await change.running(timeout=20)).splitlines() or "no " in line
        await change.roll_back(before, timeout=20)
        assert "730" not in (await change.running(timeout=20))
        assert "203.0.113.0" not in (await change.running(timeout=20))


async def test_a_change_on_a_device_that_falls_silent_is_left_at_once(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever cancels it waits for its end, and then takes it back."""
    begin, silent = Session.begin_command, asyncio.Event()

    async def falls_silent(self: Session, command: str) -> None:
        await begin(self, command)
        if "203.0.113.3" in command:
            silent.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(Session, "begin_command", falls_silent)
    routes = "".join(f"ip route 203.0.113.{number}/32 Null0\n" for number in range(9))
    async with opened(fleet, FRR, routes) as change:
        before = await change.running(timeout=20)
        await change.compare(timeout=5)
        applying = asyncio.ensure_future(change.apply(timeout=240))
        await silent.wait()
        applying.cancel()
        async with asyncio.timeout(60):
            await asyncio.wait({applying})
        assert applying.cancelled()
        monkeypatch.undo()
        assert "203.0.113.2" in await change.running(timeout=20)
        await change.roll_back(before, timeout=20)
        assert "203.0.113." not in (await change.running(timeout=20))


async def test_the_line_an_ios_device_refuses_is_named(fleet: Fleet) -> None:
    candidate = "vlan 731\n name cameras\n colour blue\n"
    async with opened(fleet, IOS, candidate) as change:
        before = await change.running(timeout=20)
        await change.compare(timeout=5)
        with pytest.raises(DeviceError) as caught:
            await change.apply(timeout=20)
        assert caught.value.detail == (
            "line 3 of the rendered configuration, 'colour blue': "
            "% Invalid input detected at '^' marker."
        )
        await change.roll_back(before, timeout=20)
        assert "731" not in (await change.running(timeout=20))


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        ("banner motd ^C\nhello\n^C\n", "a banner takes several lines"),
        ("vlan 7\n name a\x07b\n", "it holds a control character"),
    ],
)
async def test_what_cannot_be_typed_is_refused_before_anything_is(
    fleet: Fleet, candidate: str, said: str
) -> None:
    async with opened(fleet, IOS, candidate) as change:
        await change.running(timeout=20)
        with pytest.raises(DeviceError, match=said) as caught:
            await change.compare(timeout=5)
        assert (caught.value.stage, caught.value.cause) == ("compare", "template")


async def test_a_login_that_may_not_configure_is_told_so(fleet: Fleet) -> None:
    wanted = target(fleet, "core-rtr-01")
    credential = wanted.credential.model_copy(update={"enable_secret": None})
    locked_out = wanted.model_copy(update={"credential": credential})
    async with DeviceAccess(MemoryHostKeys()) as access:
        writer = access.writer_for(wanted.device)
        async with writer.change(locked_out, VLANS[IOS], mode="merge") as change:
            with pytest.raises(DeviceError) as caught:
                await change.apply(timeout=20)
    assert (caught.value.stage, caught.value.cause) == ("prompt", "prompt")


async def test_a_linux_server_takes_no_stack(fleet: Fleet) -> None:
    async with DeviceAccess(MemoryHostKeys()) as access:
        with pytest.raises(DeviceError, match="nothing can be deployed to the platform 'linux'"):
            access.writer_for(target(fleet, LINUX).device)
