"""What a device that means harm can do to the run that reads it: fail, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import asyncssh
import pytest
from pydantic import SecretStr

from netstacks_tasks.devices import cli_terminal
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.ssh_speaker import SshSpeaker, speaking

PASSWORD: Final = "canary-password"
_BLOCK: Final = "!" * 64 * 1024


@dataclass
class Flooding(SshSpeaker):
    """Whatever it is asked, it answers without end; it counts what it could get rid of."""

    sent = 0

    async def session(self, process: asyncssh.SSHServerProcess[str]) -> None:
        process.stdout.write("r1#")
        async for _ in process.stdin:
            break
        try:
            while not process.stdout.is_closing():
                process.stdout.write(_BLOCK)
                await process.stdout.drain()
                self.sent += len(_BLOCK)
        except (OSError, asyncssh.Error):
            return


@dataclass
class Talking(SshSpeaker):
    """It never comes to an end before the login."""

    connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        super().connection_made(conn)
        self.connection = conn

    async def begin_auth_slowly(self) -> None:
        assert self.connection is not None
        while True:
            self.connection.send_auth_banner("Please wait. " * 1000)
            await asyncio.sleep(0.01)

    async def validate_password(self, _username: str, _password: str) -> bool:  # type: ignore[override]
        await self.begin_auth_slowly()
        return False


@dataclass
class Reaching(SshSpeaker):
    """Asks the client for what a client can give: its agent, its display, connections back."""

    refused = 0

    async def session(self, process: asyncssh.SSHServerProcess[str]) -> None:
        connection = process.channel.get_connection()
        assert isinstance(connection, asyncssh.SSHServerConnection)
        for asked in (
            connection.open_agent_connection,
            lambda: connection.create_connection(asyncssh.SSHTCPSession, "127.0.0.1", 1),
        ):
            try:
                await asked()
            except (asyncssh.ChannelOpenError, asyncssh.Error, OSError):
                self.refused += 1
        process.exit(0)


def target(device: SshSpeaker, platform: str) -> DeviceTarget:
    return DeviceTarget(
        device=Device(
            id=DeviceId(uuid4()),
            name="r1",
            host="127.0.0.1",
            port=device.port,
            platform=platform,
        ),
        credential=DeviceCredential(username="backup", password=SecretStr(PASSWORD)),
    )


@asynccontextmanager
async def refused(device: SshSpeaker, platform: str, timeout: float) -> AsyncIterator[DeviceError]:
    """The error that reading it ends with."""
    async with speaking(device), DeviceAccess(MemoryHostKeys()) as access:
        with pytest.raises(DeviceError) as caught:
            await access.reader_for(platform).read_config(target(device, platform), timeout=timeout)
        yield caught.value


@pytest.mark.parametrize("platform", ["ios", "linux", "frr"])
async def test_an_endless_answer_is_cut_off(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_terminal, "MAX_OUTPUT_BYTES", 2_000_000)
    device = Flooding("backup", PASSWORD, "")
    async with refused(device, platform, 60) as error:
        assert error.cause == "bad_output", str(error)
        assert "bytes came" in str(error)
        assert len(str(error)) < 1000
    assert device.sent < 64 * 1024 * 1024


async def test_a_device_that_talks_before_the_login_is_given_up_in_time() -> None:
    async with refused(Talking("backup", PASSWORD, ""), "linux", 2) as error:
        assert error.cause == "timed_out", str(error)


async def test_a_device_reaches_nothing_through_the_session() -> None:
    device = Reaching("backup", PASSWORD, "")
    async with refused(device, "linux", 10):
        assert device.refused >= 2
