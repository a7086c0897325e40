"""FRR's commands over SSH, whichever shell the login has."""

from __future__ import annotations

import re
import shlex
from typing import Final

import asyncssh

from netstacks_tasks.devices.ssh_session import MAX_OUTPUT_BYTES, run_command
from netstacks_tasks.models.inventory import Device

# What vtysh says when it is asked to run vtysh: it is the login shell itself.
_IS_LOGIN_SHELL: Final = re.compile(r"\s*% ?Unknown command(\.|: ?vtysh\b)")


async def run_vtysh(
    connection: asyncssh.SSHClientConnection,
    device: Device,
    command: str,
    *,
    max_bytes: int = MAX_OUTPUT_BYTES,
) -> tuple[str, str, int | None]:
    """Run one command of vtysh: its output, what it complained, and its exit status.

    Raises:
        DeviceError: as `run_command`.
    """
    first = await run_command(
        connection, device, f"vtysh -c {shlex.quote(command)}", max_bytes=max_bytes
    )
    if not _IS_LOGIN_SHELL.match(first[0]):
        return first
    return await run_command(connection, device, command, max_bytes=max_bytes)
