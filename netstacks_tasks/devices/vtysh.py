"""FRR's commands over SSH, whichever shell the login has."""

from __future__ import annotations

import re
import shlex
from typing import Final

import asyncssh

from netstacks_tasks.devices.ssh_session import MAX_OUTPUT_BYTES, run_command
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device

# What vtysh says when it is asked to run vtysh: it is the login shell itself.
_IS_LOGIN_SHELL: Final = re.compile(r"\s*% ?Unknown command(\.|: ?vtysh\b)")
# It says so of a login that no PAM account stands behind, and goes on.
_NO_ACCESS: Final = "failed to connect to any daemons"
_SAID: Final = 100
_PAM_REMARK: Final = re.compile(r"vtysh_pam: [^()\n]*\(\d+\)\n?")


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
    output, complaint, status = await run_command(
        connection, device, f"vtysh -c {shlex.quote(command)}", max_bytes=max_bytes
    )
    if _IS_LOGIN_SHELL.match(output):
        output, complaint, status = await run_command(
            connection, device, command, max_bytes=max_bytes
        )
    return output, _PAM_REMARK.sub("", complaint), status


def vtysh_failed(
    device: Device, command: str, output: str, complaint: str, status: int | None
) -> DeviceError:
    """The error of a command that vtysh ended with a failure."""
    text = " ".join((output if output.strip() else complaint).split()) or "nothing"
    shown = "".join(c if c.isprintable() else "?" for c in text[:_SAID])
    hint = ": is FRR running, and the login in the group frrvty?" if _NO_ACCESS in text else ""
    return DeviceError(
        device.name,
        "command",
        "bad_output",
        f"{command!r} ended with {status} and said {shown!r}{hint}",
    )
