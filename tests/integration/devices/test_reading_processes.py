"""Configurations read in processes beside the run's own are those that it reads itself."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

import asyncssh
import pytest
import pytest_asyncio
from pydantic import SecretStr

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.reading import readings as module
from netstacks_tasks.devices.reading.readings import Readings
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget, HostKey
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.cisco_line import CiscoLine
from tests.hosts.ssh_speaker import speaking

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

PASSWORD = "canary-password"
TEXT = "version 15.7\n" + "".join(f"interface Vlan{n}\n shutdown\n" for n in range(300)) + "end\n"
KEYS = MemoryHostKeys()


def target(device: CiscoLine) -> DeviceTarget:
    return DeviceTarget(
        device=Device(
            id=DeviceId(uuid4()), name="r1", host="127.0.0.1", port=device.port, platform="ios"
        ),
        credential=DeviceCredential(username="backup", password=SecretStr(PASSWORD)),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def access() -> AsyncIterator[DeviceAccess]:
    async with DeviceAccess(KEYS, Readings(KEYS, devices=9, processes=2)) as opened:
        yield opened
    assert children() == []


def programs(parent: int) -> Iterator[tuple[int, bytes]]:
    """The reading processes of a process, with their command lines."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            line = (folder / "cmdline").read_bytes()
            if int(after_name[1]) == parent and b"devices.reading" in line:
                yield int(folder.name), line


def children(parent: int | None = None) -> list[int]:
    """Those of this process, or of another."""
    return [pid for pid, _ in programs(parent or os.getpid())]


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - other processes tell of nothing
            await asyncio.sleep(0.01)


async def test_many_are_read_by_both_and_no_argument_holds_a_secret(access: DeviceAccess) -> None:
    device = CiscoLine("backup", PASSWORD, TEXT, outputs={"show startup-config": TEXT}, pause=0.1)
    accepted: list[int] = []
    async with speaking(device):
        wanted = [target(device) for _ in range(12)]
        reader = access.reader_for("ios")
        reading = asyncio.gather(
            *(
                reader.read_config(one, timeout=30, accepted=partial(accepted.append, number))
                for number, one in enumerate(wanted)
            )
        )
        await until(lambda: len(device.connections) >= 2)
        seen = [line for _, line in programs(os.getpid())]
        found = await reading
    assert {one.running for one in found} == {TEXT.strip()}
    assert {one.startup for one in found} == {TEXT.strip()}
    assert sorted(accepted) == list(range(12))
    assert len(seen) == 2
    assert not any(b"canary" in line for line in seen)
    assert all([await KEYS.known(one.device.id) for one in wanted])


async def test_a_changed_key_and_a_refused_login_are_told_as_ever(access: DeviceAccess) -> None:
    async with speaking(CiscoLine("backup", "another", TEXT)) as device:
        wanted = target(device)
        with pytest.raises(DeviceError) as caught:
            await access.reader_for("ios").read_config(wanted, timeout=10)
        assert (caught.value.stage, caught.value.cause) == ("authenticate", "auth")
        assert PASSWORD not in str(caught.value)
        key = asyncssh.generate_private_key("ssh-ed25519")
        algorithm, public = key.export_public_key("openssh").decode().split()[:2]
        other = HostKey(
            algorithm=algorithm, public_key=public, fingerprint=key.get_fingerprint("sha256")
        )
        KEYS.replace(wanted.device.id, other)
        with pytest.raises(DeviceError, match="netstacks device trust r1"):
            await access.reader_for("ios").read_config(wanted, timeout=10)


async def test_who_waits_no_longer_leaves_no_session_behind(access: DeviceAccess) -> None:
    async with speaking(CiscoLine("backup", PASSWORD, TEXT, pause=60)) as device:
        reading = asyncio.create_task(
            access.reader_for("ios").read_config(target(device), timeout=60)
        )
        await until(lambda: len(device.connections) == 2)  # for the key, and the session
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        async with asyncio.timeout(10):
            await device.connections[-1].wait_closed()
        with pytest.raises(DeviceTimeout):
            await access.reader_for("ios").read_config(target(device), timeout=0.5)


async def test_a_process_that_is_killed_fails_what_it_read_and_nothing_else() -> None:
    # Long enough for a busy machine to kill in the middle of it.
    slow = CiscoLine("backup", PASSWORD, TEXT, pause=3)
    keys = MemoryHostKeys()
    others = set(children())  # of the module's fixture: a pid alone does not tell which are newer
    readings = Readings(keys, devices=7, processes=2)
    async with speaking(slow), DeviceAccess(keys, readings) as access:
        mine = set(children()) - others
        assert len(mine) == 2
        reading = [
            asyncio.create_task(access.reader_for("ios").read_config(target(slow), timeout=30))
            for _ in range(4)
        ]
        await until(lambda: len(slow.connections) == 8)
        os.kill(max(mine), signal.SIGKILL)
        found = await asyncio.gather(*reading, return_exceptions=True)
        lost = [one for one in found if isinstance(one, DeviceError)]
        assert [one.cause for one in lost] == ["internal"] * 2
        assert "next attempt" in str(lost[0])
        assert len([one for one in found if not isinstance(one, BaseException)]) == 2
        # Without any of them the run's own process goes on.
        os.kill(min(mine), signal.SIGKILL)
        slow.pause = 0
        for _ in range(3):
            with suppress(DeviceError):
                found = [await access.reader_for("ios").read_config(target(slow), timeout=30)]
        assert [one.running for one in found if not isinstance(one, BaseException)] == [
            TEXT.strip()
        ]


_STARTER = """
import asyncio
from netstacks_tasks.devices.reading.processes import reading_processes

async def main():
    async with reading_processes(2):
        print("started", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_none_outlives_a_run_that_is_killed() -> None:
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _STARTER, stdout=asyncio.subprocess.PIPE
    )
    assert run.stdout is not None
    assert await run.stdout.readline() == b"started\n"
    started = children(run.pid)
    assert len(started) == 2
    run.kill()
    await run.wait()
    await until(lambda: not any(lives(pid) for pid in started))


@pytest.mark.parametrize(
    ("share", "cores", "devices", "started"),
    [
        (0.0, 2, 2600, 2),
        (0.0, 64, 2600, 8),
        (2.0, 2, 2600, 0),
        (0.0, 1, 2600, 0),
        (0.0, 2, 1400, 0),
    ],
    ids=["a full core", "many cores", "a core that is not full", "a single core", "a small group"],
)
async def test_processes_are_started_when_a_core_is_full_and_there_is_much_to_do(
    share: float, cores: int, devices: int, started: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    @asynccontextmanager
    async def counted(number: int) -> AsyncIterator[list[object]]:
        made.append(number)
        yield []

    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(module, "_FULL", share)
    monkeypatch.setattr(module, "_cores", lambda: cores)
    monkeypatch.setattr(module, "reading_processes", counted)
    readings = Readings(KEYS, devices=devices, processes=None)
    async with readings:
        watching = readings._watching
        if watching is not None:
            await asyncio.wait([watching], timeout=None if started else 0.2)
    assert made == ([started] if started else [])
