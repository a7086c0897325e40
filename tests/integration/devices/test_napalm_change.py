"""Change EOS and Junos through NAPALM's own drivers, and let the device take changes back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from netstacks_tasks.devices import napalm_commits, napalm_writer
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.ports import ConfigChange
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.models.rollout import ConfigMode
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts import eos_device
from tests.hosts.eos_device import EosDevice
from tests.hosts.https_api import serving
from tests.hosts.junos_device import JunosDevice
from tests.hosts.ssh_speaker import speaking

PASSWORD = "canary-password"
EOS = """\
hostname leaf-1
interface Ethernet1
   description uplink
interface Management1
   description oob
ip route 192.0.2.0/24 Null0
"""
JUNOS = """\
version 22.4R3;
system {
    host-name mx-1;
}
interfaces {
    fxp0 {
        description oob;
    }
}
"""
GOOD = {
    "eos": "\nvlan 730\n   name cameras\n!\ninterface Ethernet1\n   description what is it?\n",
    "junos": "interfaces {\n    lo0 {\n        description what;\n        unit 0;\n    }\n}\n",
}
ADDED = {
    "eos": ["+vlan 730", "+   name cameras", "-   description uplink"],
    "junos": ["+     lo0 {", "+         description what;"],
}
CUTTING = {
    "eos": "interface Management1\n   shutdown\n",
    "junos": "interfaces {\n    fxp0 {\n        disable;\n    }\n}\n",
}
BUSY = "in use by another session: .*modified"
BOTH = pytest.mark.parametrize("platform", ["eos", "junos"])
Speaker = EosDevice | JunosDevice


@pytest.fixture(autouse=True)
def looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make NETCONF's client look whether it has something to send more often: it takes long."""
    monkeypatch.setattr("ncclient.transport.session.TICK", 0.005)


@asynccontextmanager
async def device(platform: str, folder: Path) -> AsyncIterator[Speaker]:
    if platform == "junos":
        async with speaking(JunosDevice("deploy", PASSWORD, JUNOS)) as junos:
            yield junos
        return
    eos = EosDevice("deploy", PASSWORD, {}, running=eos_device.parsed(EOS))
    with serving(eos, folder):
        yield eos


def target(speaker: Speaker, password: str = PASSWORD) -> DeviceTarget:
    eos = isinstance(speaker, EosDevice)
    return DeviceTarget(
        device=Device(
            id=DeviceId(uuid4()),
            name="leaf-1",
            host="127.0.0.1",
            port=22 if eos else speaker.port,
            platform="eos" if eos else "junos",
            options={"port": speaker.port} if eos else {},
        ),
        credential=DeviceCredential(username="deploy", password=SecretStr(password)),
    )


@asynccontextmanager
async def opened(
    speaker: Speaker, candidate: str, mode: ConfigMode = "merge", password: str = PASSWORD
) -> AsyncIterator[ConfigChange]:
    wanted = target(speaker, password)
    async with DeviceAccess(MemoryHostKeys()) as access:
        writer = access.writer_for(wanted.device)
        async with writer.change(wanted, candidate, mode=mode) as change:
            yield change


def in_use(speaker: Speaker) -> bool:
    """Whether somebody has a candidate on it."""
    return bool(speaker.sessions if isinstance(speaker, EosDevice) else speaker.holder)


def working() -> bool:
    """Whether a driver is still at work."""
    return any(thread.name.startswith("napalm ") for thread in threading.enumerate())


def assert_nothing_left(speaker: Speaker) -> None:
    """No candidate, no lock, nothing that waits for its confirmation."""
    assert speaker.waiting is None
    assert not in_use(speaker)
    if isinstance(speaker, JunosDevice):
        assert speaker.candidate == speaker.committed


@BOTH
async def test_a_change_is_made_kept_and_found_in_force(platform: str, tmp_path: Path) -> None:
    async with device(platform, tmp_path) as speaker:
        old = speaker.shown()
        async with opened(speaker, GOOD[platform]) as change:
            assert (await change.running(timeout=20)).strip() == old.strip()
            diff = await change.compare(timeout=20)
            assert set(ADDED[platform]) <= set(diff.splitlines())
            assert speaker.shown() == old
            assert_nothing_left(speaker)
            await change.apply(timeout=20)
            assert speaker.waiting is not None
            await change.verify(timeout=20)
            await change.keep(save=True, timeout=20)
            new = speaker.shown()
            assert new != old
            assert await change.compare(timeout=20) == ""
        assert_nothing_left(speaker)
        assert speaker.shown() == new
        assert not isinstance(speaker, EosDevice) or speaker.startup == speaker.running


async def test_a_newer_eos_that_shows_its_timer_elsewhere_is_understood(tmp_path: Path) -> None:
    async with device("eos", tmp_path) as speaker, opened(speaker, GOOD["eos"]) as change:
        assert isinstance(speaker, EosDevice)
        speaker.since_4_32 = True
        before = await change.running(timeout=20)
        await change.apply(timeout=20)
        await change.roll_back(before, timeout=20)
        assert speaker.shown() == before
        await change.apply(timeout=20)
        await change.keep(save=False, timeout=20)
        speaker.ahead = 61
        assert "vlan 730" in speaker.shown()
        assert_nothing_left(speaker)


async def test_nothing_is_saved_that_is_not_to_be(tmp_path: Path) -> None:
    async with device("eos", tmp_path) as speaker, opened(speaker, GOOD["eos"]) as change:
        await change.apply(timeout=20)
        await change.keep(save=False, timeout=20)
        assert isinstance(speaker, EosDevice)
        assert "vlan 730" in speaker.running
        assert speaker.startup == {}
        assert_nothing_left(speaker)


@BOTH
async def test_the_whole_configuration_is_replaced(platform: str, tmp_path: Path) -> None:
    whole = {
        "eos": "hostname leaf-9\ninterface Management1\n   description oob\n",
        "junos": "version 22.4R3;\nsystem {\n    host-name mx-9;\n}\n",
    }[platform]
    async with device(platform, tmp_path) as speaker, opened(speaker, whole, "replace") as change:
        before = await change.running(timeout=20)
        assert "-9" in await change.compare(timeout=20)
        await change.apply(timeout=20)
        await change.verify(timeout=20)
        assert "Ethernet1" not in speaker.shown()
        assert "fxp0" not in speaker.shown()
        await change.keep(save=True, timeout=20)
        # It was kept: only the whole of what it had brings it back.
        await change.roll_back(before, timeout=20)
        assert (await change.running(timeout=20)).splitlines()[2:] == before.splitlines()[2:]
        assert_nothing_left(speaker)


BAD = {
    "eos": ("vlan 730\n   name cameras\n   colour blue\n", "'colour blue': Invalid input"),
    "junos": (
        "interfaces {\n    lo0 {\n        colour blue;\n    }\n}\n",
        "'colour blue;': syntax error in [edit interfaces lo0]",
    ),
}


@BOTH
async def test_a_refused_line_is_named_and_nothing_is_left(platform: str, tmp_path: Path) -> None:
    candidate, said = BAD[platform]
    async with device(platform, tmp_path) as speaker:
        old = speaker.shown()
        async with opened(speaker, candidate) as change:
            before = await change.running(timeout=20)
            with pytest.raises(DeviceError) as refused:
                await change.compare(timeout=20)
            assert (refused.value.stage, refused.value.cause) == ("compare", "rejected")
            assert f"line 3 of the rendered configuration, {said}" in refused.value.detail
            assert_nothing_left(speaker)
            with pytest.raises(DeviceError) as refused:
                await change.apply(timeout=20)
            assert (refused.value.stage, refused.value.cause) == ("apply", "rejected")
            assert_nothing_left(speaker)
            await change.roll_back(before, timeout=20)
        assert speaker.shown() == old


async def test_a_commit_that_is_refused_leaves_nothing(tmp_path: Path) -> None:
    candidate = GOOD["junos"].replace("unit 0", "mtu 99999")
    async with device("junos", tmp_path) as speaker, opened(speaker, candidate) as change:
        before = await change.running(timeout=20)
        assert await change.compare(timeout=20)
        with pytest.raises(DeviceError, match=r"mtu value outside range in \[edit") as refused:
            await change.apply(timeout=20)
        assert (refused.value.stage, refused.value.cause) == ("apply", "rejected")
        speaker.asked.clear()
        await change.roll_back(before, timeout=20)
        assert not {"load-configuration", "commit-configuration"} & set(speaker.asked)
        assert_nothing_left(speaker)


@BOTH
async def test_what_is_not_in_force_afterwards_is_taken_back(platform: str, tmp_path: Path) -> None:
    candidate, ignored = {
        "eos": (GOOD["eos"], "vlan 730"),
        "junos": (
            "routing-options {\n    static {\n        route 0/0 discard;\n    }\n}\n",
            "routing-options",
        ),
    }[platform]
    async with device(platform, tmp_path) as speaker, opened(speaker, candidate) as change:
        before = await change.running(timeout=20)
        old, speaker.ignored = speaker.shown().splitlines()[2:], ignored
        await change.apply(timeout=20)
        with pytest.raises(DeviceError, match=ignored) as found:
            await change.verify(timeout=20)
        assert (found.value.stage, found.value.cause) == ("verify", "mismatch")
        await change.roll_back(before, timeout=20)
        assert speaker.shown().splitlines()[2:] == old
        assert_nothing_left(speaker)


@BOTH
async def test_a_device_that_is_cut_off_takes_the_change_back_by_itself(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(napalm_writer, "_PAUSE_SECONDS", 0.1)
    async with device(platform, tmp_path) as speaker:
        async with opened(speaker, CUTTING[platform]) as change:
            before = await change.running(timeout=20)
            old = speaker.shown()
            if platform == "eos":
                await change.apply(timeout=20)
                with pytest.raises(DeviceError, match="no login after the change") as lost:
                    await change.verify(timeout=2)
            else:
                # The answer to the commit gets lost with the way to the device.
                with pytest.raises(DeviceError) as lost:
                    await change.apply(timeout=20)
                assert lost.value.stage == "apply"
            assert lost.value.cause in {"disconnected", "refused"}
            with pytest.raises(DeviceError) as lost:
                await change.roll_back(before, timeout=0.5)
            assert lost.value.stage == "roll_back"
            assert "takes the change back by itself within" in lost.value.detail
        assert not speaker.reachable
        # EOS was told to wait for 35 seconds, Junos for one minute.
        speaker.ahead = {"eos": 36, "junos": 61}[platform]
        assert speaker.shown().splitlines()[2:] == old.splitlines()[2:]
        assert_nothing_left(speaker)


async def test_a_device_that_is_back_in_time_is_seen_to_be_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(napalm_writer, "_PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(napalm_commits, "_SPARE_SECONDS", 0.0)
    async with device("eos", tmp_path) as speaker, opened(speaker, CUTTING["eos"]) as change:
        before = await change.running(timeout=20)
        await change.apply(timeout=2)
        assert not speaker.reachable
        await change.roll_back(before, timeout=20)
        assert await change.running(timeout=20) == before
        assert_nothing_left(speaker)


@BOTH
async def test_what_is_not_kept_in_time_is_gone_and_said_to_be(
    platform: str, tmp_path: Path
) -> None:
    async with device(platform, tmp_path) as speaker, opened(speaker, GOOD[platform]) as change:
        old = speaker.shown().splitlines()[2:]
        await change.apply(timeout=20)
        speaker.ahead = 61
        with pytest.raises(DeviceError, match="took the change back by itself") as late:
            await change.keep(save=True, timeout=20)
        assert (late.value.stage, late.value.cause) == ("verify", "mismatch")
        assert speaker.shown().splitlines()[2:] == old
        assert_nothing_left(speaker)


@BOTH
async def test_a_commit_that_takes_too_long_is_taken_back(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(napalm_writer, "_PAUSE_SECONDS", 0.2)
    async with device(platform, tmp_path) as speaker, opened(speaker, GOOD[platform]) as change:
        before = await change.running(timeout=20)
        old = speaker.shown().splitlines()[2:]
        speaker.slow[{"eos": "commit timer", "junos": "commit-configuration"}[platform]] = 1.5
        with pytest.raises(DeviceError, match="did not commit the candidate within") as slow:
            await change.apply(timeout=1)
        assert (slow.value.stage, slow.value.cause) == ("apply", "timed_out")
        await change.roll_back(before, timeout=20)
        assert speaker.shown().splitlines()[2:] == old
        assert_nothing_left(speaker)


@BOTH
async def test_a_change_that_is_cancelled_leaves_nothing(platform: str, tmp_path: Path) -> None:
    async with device(platform, tmp_path) as speaker:
        old = speaker.shown()
        speaker.slow[{"eos": "description", "junos": "load-configuration"}[platform]] = 0.5

        async def apply() -> None:
            async with opened(speaker, GOOD[platform]) as change:
                await change.apply(timeout=20)

        task = asyncio.create_task(apply())
        while not in_use(speaker):  # noqa: ASYNC110 - the driver works in a thread
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(10):
            # The driver's thread would go on to commit it.
            while in_use(speaker) or working():  # noqa: ASYNC110 - nothing else tells
                await asyncio.sleep(0.01)
        assert not [asked for asked in speaker.asked if "commit" in asked]
        assert_nothing_left(speaker)
        assert speaker.shown() == old


async def test_the_session_of_a_run_that_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    async with device("eos", tmp_path) as speaker, opened(speaker, GOOD["eos"]) as change:
        assert isinstance(speaker, EosDevice)
        speaker.sessions["netstacks_dead"] = {}
        assert await change.compare(timeout=20)
        assert_nothing_left(speaker)


async def test_what_somebody_else_edits_is_left_alone(tmp_path: Path) -> None:
    async with device("junos", tmp_path) as speaker, opened(speaker, GOOD["junos"]) as change:
        assert isinstance(speaker, JunosDevice)
        theirs = speaker.candidate = {**speaker.committed, "apply-groups theirs": None}
        with pytest.raises(DeviceError, match=BUSY) as busy:
            await change.compare(timeout=20)
        assert (busy.value.stage, busy.value.cause) == ("compare", "busy")
        assert speaker.candidate == theirs


async def test_what_somebody_else_must_confirm_is_left_alone(tmp_path: Path) -> None:
    theirs = GOOD["junos"].replace("what", "theirs")
    async with (
        device("junos", tmp_path) as speaker,
        opened(speaker, theirs) as first,
        opened(speaker, GOOD["junos"]) as change,
    ):
        await first.apply(timeout=20)
        before = await change.running(timeout=20)
        assert "theirs" in before
        with pytest.raises(DeviceError, match="of somebody else waits") as busy:
            await change.apply(timeout=20)
        assert (busy.value.stage, busy.value.cause) == ("apply", "busy")
        await change.roll_back(before, timeout=20)
        assert speaker.waiting is not None
        assert "theirs" in speaker.shown()
        await first.keep(save=True, timeout=20)
        assert_nothing_left(speaker)


async def test_a_change_that_a_run_did_not_live_to_keep_is_kept_by_the_next(tmp_path: Path) -> None:
    async with device("eos", tmp_path) as speaker:
        async with opened(speaker, GOOD["eos"]) as change:
            await change.apply(timeout=20)
        async with opened(speaker, GOOD["eos"]) as change:
            assert await change.compare(timeout=20) == ""
            await change.verify(timeout=20)
            await change.keep(save=True, timeout=20)
        assert isinstance(speaker, EosDevice)
        assert "vlan 730" in speaker.startup
        assert_nothing_left(speaker)


@BOTH
async def test_a_wrong_password_is_told_and_not_shown(platform: str, tmp_path: Path) -> None:
    async with device(platform, tmp_path) as speaker:
        async with opened(speaker, GOOD[platform], password="canary-wrong") as change:
            with pytest.raises(DeviceError) as refused:
                await change.compare(timeout=20)
        assert (refused.value.stage, refused.value.cause) == ("authenticate", "auth")
        assert "canary" not in str(refused.value)
        assert_nothing_left(speaker)
