"""One health check of one device, within its time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Literal

from netstacks_tasks.devices.ports import Measured
from netstacks_tasks.models.causes import Stage
from netstacks_tasks.models.inventory import DeviceTarget
from netstacks_tasks.operations.failure import within
from netstacks_tasks.operations.ports import Probes

CheckName = Literal["ping", "ssh", "snmp_sysname"]

STAGES: Final[dict[CheckName, Stage]] = {
    "ping": "check",
    "ssh": "connect",
    "snmp_sysname": "check",
}
"""Where a check fails that cannot tell itself."""
LONGEST: Final[dict[CheckName, float]] = {"ping": 5.0, "ssh": 30.0, "snmp_sysname": 10.0}
"""Seconds for one check, unless less is left."""


async def probe(
    name: CheckName,
    target: DeviceTarget,
    probes: Probes,
    *,
    seconds: float,
    answered: Callable[[], Awaitable[None]] | None = None,
) -> Measured:
    """Make a check.

    Args:
        name: which.
        target: the device and its secrets.
        probes: what makes it.
        seconds: how long it may take.
        answered: of a login, see `LoginProbe`.

    Raises:
        DeviceError: it failed.
    """
    match name:
        case "ping":
            probing = probes.pinger.ping(target, timeout=seconds)
        case "ssh":
            probing = probes.login.login(target, timeout=seconds, answered=answered)
        case "snmp_sysname":
            probing = probes.snmp.sysname(target, timeout=seconds)
    return await within(probing, device=target.device.name, stage=STAGES[name], seconds=seconds)
