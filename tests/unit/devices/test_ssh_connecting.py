"""A connection is made as asyncssh's own `connect` makes it, and nothing of it is left over."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncssh
import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.host_key import offered_key
from netstacks_tasks.devices.ssh_connecting import connect
from netstacks_tasks.devices.ssh_options import ssh_options
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, HostKey

KEY = asyncssh.generate_private_key("ssh-ed25519")
OTHER = asyncssh.generate_private_key("ssh-ed25519")


class Door(asyncssh.SSHServer):
    """Notes what it is asked, and opens to one password or one key."""

    def __init__(self, world: World) -> None:
        self._world = world

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._world.opened.append(conn)
        self._world.knocked.set()

    def begin_auth(self, username: str) -> bool:
        self._world.names.append(username)
        return True

    def password_auth_supported(self) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self._world.asked.append(f"{username} {password}")
        return (username, password) == ("netops", "right")

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._world.asked.append(f"{username} key")
        return key == OTHER.convert_to_public()


class World:
    def __init__(self, port: int) -> None:
        self.port = port
        self.names: list[str] = []
        self.asked: list[str] = []
        self.opened: list[asyncssh.SSHServerConnection] = []
        self.knocked = asyncio.Event()

    async def connect(
        self, credential: DeviceCredential, key: asyncssh.SSHKey = KEY
    ) -> asyncssh.SSHClientConnection:
        device = _device(self.port)
        algorithm, public = _public(key)
        trusted = HostKey(algorithm=algorithm, public_key=public, fingerprint="unused")
        connected = socket.create_connection(("127.0.0.1", self.port))
        connected.setblocking(False)
        options = ssh_options(device, credential, (trusted,))
        async with asyncio.timeout(10):
            return await connect(connected, options)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World(0)
    async with asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: Door(made),
        server_host_keys=[KEY],
    ) as server:
        made.port = server.get_port()
        yield made


def with_password(password: str) -> DeviceCredential:
    return DeviceCredential(username="netops", password=SecretStr(password))


async def test_a_password_lets_in(world: World) -> None:
    async with await world.connect(with_password("right")) as connection:
        assert connection.get_extra_info("username") == "netops"
        assert connection.get_extra_info("host") == "127.0.0.1"
        assert connection.get_extra_info("port") == world.port
    assert world.asked == ["netops right"]


async def test_a_key_lets_in(world: World) -> None:
    key = SecretStr(OTHER.export_private_key().decode())
    async with await world.connect(DeviceCredential(username="netops", private_key=key)):
        assert set(world.asked) == {"netops key"}


async def test_connections_share_nothing(world: World) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await world.connect(with_password("wrong"))
    async with await world.connect(with_password("right")):
        with pytest.raises(asyncssh.PermissionDenied):
            await world.connect(DeviceCredential(username="other"))
    assert world.asked == ["netops wrong", "netops right"]


async def test_another_key_is_sent_nothing(world: World) -> None:
    with pytest.raises(asyncssh.HostKeyNotVerifiable):
        await world.connect(with_password("right"), key=OTHER)
    assert world.asked == []
    await _all_closed(world)


async def test_to_whoever_is_asked_for_a_key_no_name_is_told(world: World) -> None:
    shown = await offered_key(_device(world.port), timeout=10)
    assert f"{shown.algorithm} {shown.public_key}" == " ".join(_public(KEY))
    assert shown.fingerprint == KEY.get_fingerprint("sha256")
    await _all_closed(world)
    assert world.names == []
    async with await world.connect(with_password("right")):
        assert world.names == ["netops"]


async def test_who_gives_up_leaves_nothing_open(world: World) -> None:
    connected = socket.create_connection(("127.0.0.1", world.port))
    connected.setblocking(False)
    device = _device(world.port)
    options = ssh_options(device, with_password("right"), ())
    connecting = asyncio.create_task(connect(connected, options))
    await world.knocked.wait()
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    await _all_closed(world)
    assert connected.fileno() == -1


def _device(port: int) -> Device:
    return Device(id=DeviceId(uuid4()), name="r1", host="127.0.0.1", port=port, platform="ios")


def _public(key: asyncssh.SSHKey) -> list[str]:
    return key.export_public_key("openssh").decode().split()[:2]


async def _all_closed(world: World) -> None:
    async with asyncio.timeout(10):
        for connection in world.opened:
            await connection.wait_closed()


@pytest.mark.parametrize(
    ("credential", "trusted", "told"),
    [
        (
            DeviceCredential(username="netops", private_key=SecretStr("canary-no-key")),
            (),
            "credential: auth: the credential's private key cannot be read",
        ),
        (
            DeviceCredential(username="canary\x07", password=SecretStr("canary")),
            (),
            "credential: auth: the credential's username holds characters",
        ),
        (
            DeviceCredential(username="netops", password=SecretStr("canary")),
            (HostKey(algorithm="ssh-ed25519", public_key="canary", fingerprint=""),),
            "host_key: host_key: its recorded host key cannot be read",
        ),
    ],
)
def test_what_cannot_be_used_is_told_of(
    credential: DeviceCredential, trusted: tuple[HostKey, ...], told: str
) -> None:
    device = _device(22)
    with pytest.raises(DeviceError, match=told) as caught:
        ssh_options(device, credential, trusted)
    assert "canary" not in str(caught.value)
