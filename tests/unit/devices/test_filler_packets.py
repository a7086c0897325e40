"""Empty packets are sent where a cipher needs them, and nowhere else."""

from __future__ import annotations

import asyncio
import socket

import asyncssh
import pytest

from netstacks_tasks.devices.ssh_connecting import connect

_IGNORE = 2


class Listener(asyncssh.SSHServer):
    """Lets anybody in, and notes the kinds of what comes."""

    def __init__(self, kinds: list[int]) -> None:
        self._kinds = kinds

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        vars(conn)["log_received_packet"] = lambda kind, *_, **__: self._kinds.append(kind)

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002 - asyncssh's
        return False


@pytest.mark.parametrize(
    ("cipher", "needed"),
    [("aes256-gcm@openssh.com", False), ("aes256-ctr", False), ("aes256-cbc", True)],
)
async def test_only_a_chain_of_blocks_is_filled(cipher: str, needed: bool) -> None:
    kinds: list[int] = []
    async with asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: Listener(kinds),
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        process_factory=lambda process: process.exit(0),
        encryption_algs=[cipher],
    ) as server:
        connected = socket.create_connection(("127.0.0.1", server.get_port()))
        connected.setblocking(False)
        options = asyncssh.SSHClientConnectionOptions(
            config=None,
            known_hosts=None,
            username="anybody",
            host="127.0.0.1",
            encryption_algs=[cipher],
        )
        async with await connect(connected, options) as connection:
            assert connection.get_extra_info("send_cipher") == cipher
            async with asyncio.timeout(10):
                await connection.run("anything")
    assert len(kinds) > 3
    assert (_IGNORE in kinds) is needed
