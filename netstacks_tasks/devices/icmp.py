"""Real ICMP echo requests."""

from __future__ import annotations

import asyncio
import socket
from functools import lru_cache

from icmplib import ICMPLibError, NameLookupError, SocketPermissionError, async_ping

from netstacks_tasks.devices.ports import Measured
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import DeviceTarget

_ECHOES = 3
HOW_TO_PERMIT = (
    "this process may not send ICMP: allow it with "
    "sysctl -w net.ipv4.ping_group_range='0 2147483647', or give it CAP_NET_RAW, or leave "
    "ping out of the task's checks"
)


@lru_cache(maxsize=1)
def _socket_kind() -> socket.SocketKind | None:
    """Which kind of ICMP socket this process may open; None: none."""
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM):
        try:
            socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
        except OSError:
            continue
        return kind
    return None


def ping_permitted() -> bool:
    """Whether this process may send ICMP echo requests."""
    return _socket_kind() is not None


class IcmpPinger:
    """Sends a few echo requests; one answer is enough."""

    async def ping(self, target: DeviceTarget, *, timeout: float) -> Measured:
        device = target.device
        if not ping_permitted():
            raise DeviceError(device.name, "check", "not_permitted", HOW_TO_PERMIT)
        each = max(timeout / (_ECHOES + 1), 0.05)
        try:
            async with asyncio.timeout(timeout):
                host = await async_ping(
                    device.host,
                    count=_ECHOES,
                    interval=min(0.2, each / 2),
                    timeout=each,
                    privileged=_socket_kind() == socket.SOCK_RAW,
                )
        except NameLookupError:
            raise DeviceError(
                device.name,
                "resolve",
                "unknown_host",
                f"the name {device.host!r} has no address: correct host in the inventory",
            ) from None
        except SocketPermissionError:
            raise DeviceError(device.name, "check", "not_permitted", HOW_TO_PERMIT) from None
        except ICMPLibError as error:
            raise DeviceError(device.name, "check", "unreachable", str(error)) from error
        except TimeoutError:
            raise _silent(device.name, device.host) from None
        if not host.is_alive:
            raise _silent(device.name, device.host)
        lost = f", {host.packets_sent - host.packets_received} of {host.packets_sent} lost"
        partly = lost if host.packets_received < host.packets_sent else ""
        return Measured(latency_ms=host.avg_rtt, value=f"{host.address}{partly}")


def _silent(name: str, host: str) -> DeviceTimeout:
    return DeviceTimeout(name, "check", f"{host} answered none of {_ECHOES} echo requests")
