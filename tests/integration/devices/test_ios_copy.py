"""The second connection over which a whole configuration is copied to an IOS device."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncssh
import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.napalm_commits import open_for_copying
from netstacks_tasks.devices.napalm_session import in_session
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.testing import MemoryHostKeys
from tests.hosts.ssh_speaker import SshSpeaker

PASSWORD = "canary-password"


class Ios(SshSpeaker):
    """A prompt that takes every command, a flash that takes every file."""

    flash: Path
    server: asyncssh.SSHAcceptor
    logins = 0

    async def session(self, process: asyncssh.SSHServerProcess[str]) -> None:
        process.stdout.write("\nr1#")
        async for line in process.stdin:
            process.stdout.write(f"{line.strip()}\nr1#")

    def validate_password(self, username: str, password: str) -> bool:
        self.logins += 1
        return super().validate_password(username, password)

    async def serve(self) -> None:
        """Serve it with a new host key, at the same port as before."""
        self.server = await asyncssh.create_server(
            lambda: self,
            "127.0.0.1",
            self.port,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            process_factory=self.session,
            sftp_factory=lambda seen: asyncssh.SFTPServer(seen, chroot=str(self.flash).encode()),
            allow_scp=True,
            line_editor=False,
        )
        self.port = self.server.get_port()


@pytest.fixture
async def ios(tmp_path: Path) -> AsyncIterator[Ios]:
    speaker = Ios("deploy", PASSWORD, "")
    speaker.flash = tmp_path / "flash"
    speaker.flash.mkdir()
    await speaker.serve()
    yield speaker
    speaker.server.close()
    for connection in speaker.connections:
        connection.abort()
        await connection.wait_closed()
    await speaker.server.wait_closed()


async def copy_to(ios: Ios, source: Path, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Copy a file within a session with the device."""
    device = Device(
        id=DeviceId(uuid4()), name="r1", host="127.0.0.1", port=ios.port, platform="ios"
    )
    credential = DeviceCredential(username="deploy", password=SecretStr(PASSWORD))

    def copied(driver: Any) -> None:  # noqa: ANN401 - NAPALM's is untyped
        from netmiko.scp_handler import SCPConn

        source.write_text("hostname r1\n")
        meanwhile()
        open_for_copying(driver, device)
        connection = SCPConn(driver.device)
        connection.scp_put_file(str(source), "candidate.txt")
        connection.close()

    target = DeviceTarget(device=device, credential=credential)
    await in_session(target, MemoryHostKeys(), copied, timeout=30, doing="copy")


async def test_a_file_is_copied_beside_the_session(ios: Ios, tmp_path: Path) -> None:
    await copy_to(ios, tmp_path / "candidate")
    assert (ios.flash / "candidate.txt").read_text() == "hostname r1\n"


async def test_another_host_gets_neither_the_password_nor_the_file(
    ios: Ios, tmp_path: Path
) -> None:
    loop = asyncio.get_running_loop()

    async def replace() -> None:
        ios.server.close()
        await ios.serve()
        ios.logins = 0

    def meanwhile() -> None:
        asyncio.run_coroutine_threadsafe(replace(), loop).result(10)

    with pytest.raises(DeviceError) as refused:
        await copy_to(ios, tmp_path / "candidate", meanwhile)
    assert refused.value.cause == "host_key"
    assert ios.logins == 0
    assert list(ios.flash.iterdir()) == []
