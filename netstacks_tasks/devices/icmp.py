"""Real ICMP echo requests."""

from __future__ import annotations

import asyncio
import errno
import socket
import statistics
from typing import Final

from netstacks_tasks.devices.echo import EchoSocket, socket_kind
from netstacks_tasks.devices.ports import Measured
from netstacks_tasks.devices.resolving import address
from netstacks_tasks.devices.shared_socket import Address, Answer
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import Device, DeviceTarget

_ECHOES: Final = 3
_INTERVAL: Final = 0.2
HOW_TO_PERMIT = (
    "this process may not send ICMP: allow it with "
    "sysctl -w net.ipv4.ping_group_range='0 2147483647', or give it CAP_NET_RAW, or leave "
    "ping out of the task's checks"
)


def ping_permitted() -> bool:
    """Whether this process may send ICMP echo requests."""
    return socket_kind(socket.AF_INET) is not None


class IcmpPinger:
    """Sends each host a few echo requests, all hosts over one socket; one answer is enough."""

    def __init__(self) -> None:
        self._sockets: dict[socket.AddressFamily, EchoSocket] = {}

    async def ping(self, target: DeviceTarget, *, timeout: float) -> Measured:
        device = target.device
        if not ping_permitted():
            raise DeviceError(device.name, "check", "not_permitted", HOW_TO_PERMIT)
        try:
            async with asyncio.timeout(timeout):
                family, where = await address(device, 0)
                latencies = await self._echoes(family, where, timeout)
        except OSError as error:
            raise _failed(device, error) from None
        if not latencies:
            raise _silent(device)
        lost = _ECHOES - len(latencies)
        partly = f", {lost} of {_ECHOES} lost" if lost else ""
        return Measured(latency_ms=statistics.fmean(latencies), value=f"{where[0]}{partly}")

    def close(self) -> None:
        """Close the sockets."""
        while self._sockets:
            self._sockets.popitem()[1].shared.close()

    async def _echoes(
        self, family: socket.AddressFamily, where: Address, timeout: float
    ) -> list[float]:
        """The milliseconds of the echoes that came back, each in its time."""
        echo = self._sockets.get(family) or self._sockets.setdefault(family, EchoSocket(family))
        each = max(timeout / (_ECHOES + 1), 0.05)
        asked: dict[int, asyncio.Future[Answer[None]]] = {}
        try:
            for number in range(_ECHOES):
                if number:
                    await asyncio.sleep(min(_INTERVAL, each / 2))
                key, packet = echo.next_request()
                asked[key] = await echo.shared.send(key, packet, where)
            await asyncio.wait(asked.values(), timeout=each)
        finally:
            for key in asked:
                echo.shared.forget(key)
        return [one.result().latency_ms for one in asked.values() if one.done()]


def _failed(device: Device, error: OSError) -> DeviceError:
    if isinstance(error, TimeoutError):
        return _silent(device)
    if error.errno in {errno.EPERM, errno.EACCES}:
        return DeviceError(device.name, "check", "not_permitted", HOW_TO_PERMIT)
    reason = error.strerror or type(error).__name__
    return DeviceError(
        device.name, "check", "unreachable", f"{device.host} cannot be reached: {reason}"
    )


def _silent(device: Device) -> DeviceTimeout:
    return DeviceTimeout(
        device.name, "check", f"{device.host} answered none of {_ECHOES} echo requests"
    )
