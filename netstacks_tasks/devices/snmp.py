"""Reads sysName over SNMP v2c and v3."""

from __future__ import annotations

import time
from typing import Any, Final

from pysnmp.hlapi.v3arch.asyncio import ContextData, ObjectIdentity, ObjectType, get_cmd
from pysnmp.proto.rfc1905 import EndOfMibView, NoSuchInstance, NoSuchObject

from netstacks_tasks.devices.ports import Measured
from netstacks_tasks.devices.snmp_engines import SnmpEngines, indicated
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, DeviceTarget

_SYS_NAME: Final = "1.3.6.1.2.1.1.5.0"
_TRIES: Final = 2


class SnmpNames:
    """Reads sysName.0."""

    def __init__(self, engines: SnmpEngines) -> None:
        self._engines = engines

    async def sysname(self, target: DeviceTarget, *, timeout: float) -> Measured:
        device = target.device
        async with self._engines.session(target, timeout=timeout, tries=_TRIES) as session:
            began = time.perf_counter()
            indication, status, _, values = await get_cmd(
                session.engine,
                session.auth,
                session.transport,
                ContextData(),
                ObjectType(ObjectIdentity(_SYS_NAME)),
                lookupMib=False,
            )
            latency = (time.perf_counter() - began) * 1000
        if indication:
            raise indicated(device, str(indication))
        if status:
            raise DeviceError(
                device.name, "check", "bad_output", f"the agent answered {status.prettyPrint()}"
            )
        return Measured(latency_ms=latency, value=_text(device, values))


def _text(device: Device, values: Any) -> str:  # noqa: ANN401 - pysnmp's own tuple of pairs
    value = values[0][1]
    if isinstance(value, NoSuchObject | NoSuchInstance | EndOfMibView):
        raise DeviceError(device.name, "check", "bad_output", "the agent has no sysName")
    return bytes(value).decode(errors="replace")
