"""asyncssh's log says what it is asked for, and makes nothing else."""

from __future__ import annotations

import logging

import asyncssh
import pytest

from netstacks_tasks.devices.session_logs import asking_first

PASSWORD = "canary-password"


class Door(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:  # noqa: ARG002
        return password == PASSWORD


class Quiet(asyncssh.SSHClient):
    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        asking_first(conn)


@pytest.mark.parametrize(("level", "told"), [(logging.INFO, True), (logging.WARNING, False)])
async def test_it_is_asked_first(
    level: int, told: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    process = asyncssh.logging.SSHLogger.log

    def noted(
        self: asyncssh.logging.SSHLogger, level: int, message: object, *arguments: object
    ) -> None:
        made.append(message)
        process(self, level, message, *arguments)

    monkeypatch.setattr(asyncssh.logging.SSHLogger, "log", noted)
    async with asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Door,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
    ) as server:
        with caplog.at_level(level, logger="asyncssh"):
            async with asyncssh.connect(
                "127.0.0.1",
                server.get_port(),
                client_factory=Quiet,
                config=None,
                known_hosts=None,
                client_keys=None,
                username="anybody",
                password=PASSWORD,
            ):
                pass
    said = [one.getMessage() for one in caplog.records]
    assert sum("Auth for user anybody succeeded" in line for line in said) == 2 * told
    # The other end has not been told to ask.
    assert made.count("Auth for user %s succeeded") == 1 + told
