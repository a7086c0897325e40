"""Reads sysName over SNMP v2c and v3."""

from __future__ import annotations

import time
from typing import Any, Final

from pysnmp.hlapi.v3arch.asyncio import ContextData, ObjectIdentity, ObjectType, get_cmd
from pysnmp.proto.rfc1905 import EndOfMibView, NoSuchInstance, NoSuchObject

from netstacks_tasks.devices.ports import Measured
from netstacks_tasks.devices.resolving import address
from netstacks_tasks.devices.snmp_engines import SnmpEngines, community_of, indicated
from netstacks_tasks.devices.snmp_v2c import V2cRequests
from netstacks_tasks.devices.snmp_values import text_in
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, DeviceTarget

_SYS_NAME: Final = (1, 3, 6, 1, 2, 1, 1, 5, 0)
_TRIES: Final = 2


class SnmpNames:
    """Reads sysName.0."""

    def __init__(self, engines: SnmpEngines) -> None:
        self._engines = engines
        self._v2c = V2cRequests()

    async def sysname(self, target: DeviceTarget, *, timeout: float) -> Measured:
        if target.device.snmp.version == "v2c":
            return await self._over_v2c(target, timeout)
        return await self._over_v3(target, timeout)

    def close(self) -> None:
        """Close the sockets; the engines are their owner's."""
        self._v2c.close()

    async def _over_v2c(self, target: DeviceTarget, timeout: float) -> Measured:
        device = target.device
        community = community_of(device, target.credential).encode()
        family, where = await address(device, device.snmp.port)
        try:
            answer = await self._v2c.get(
                family, where, community, _SYS_NAME, timeout=timeout, tries=_TRIES
            )
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DeviceError(
                device.name, "check", "unreachable", f"{device.host} cannot be reached: {reason}"
            ) from None
        if answer is None:
            raise indicated(device, "timeout")
        return Measured(
            latency_ms=answer.latency_ms,
            value=_text(device, answer.content.status, answer.content.value),
        )

    async def _over_v3(self, target: DeviceTarget, timeout: float) -> Measured:
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
        return Measured(
            latency_ms=latency, value=_text(device, status, values[0][1] if values else None)
        )


def _text(device: Device, status: Any, value: Any) -> str:  # noqa: ANN401 - pysnmp's own types
    if status:
        raise DeviceError(
            device.name, "check", "bad_output", f"the agent answered {status.prettyPrint()}"
        )
    if value is None or isinstance(value, NoSuchObject | NoSuchInstance | EndOfMibView):
        raise DeviceError(device.name, "check", "bad_output", "the agent has no sysName")
    return text_in(device, "sysName", value)
