"""The SSH check: key exchange and authentication, timed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from netstacks_tasks.devices.ports import HostKeys, Measured
from netstacks_tasks.devices.ssh_session import ssh_session
from netstacks_tasks.devices.tcp import open_connection
from netstacks_tasks.errors import DeviceError, DeviceTimeout
from netstacks_tasks.models.inventory import DeviceTarget


class SshLogin:
    """Logs in and out again; `value` is the server's version string."""

    def __init__(self, host_keys: HostKeys) -> None:
        self._host_keys = host_keys

    async def login(
        self,
        target: DeviceTarget,
        *,
        timeout: float,
        answered: Callable[[], Awaitable[None]] | None = None,
    ) -> Measured:
        began = time.perf_counter()
        connected = await open_connection(target.device, timeout=timeout)
        # Closing it again at the end, when the session has, does no harm.
        with connected:
            spent = time.perf_counter() - began
            try:
                async with asyncio.timeout(timeout - spent):
                    if answered is not None:
                        await answered()
                    began = time.perf_counter()
                    async with ssh_session(
                        target, self._host_keys, timeout=timeout, connected=connected
                    ) as connection:
                        latency = (spent + time.perf_counter() - began) * 1000
                        version = str(connection.get_extra_info("server_version", ""))
                        return Measured(latency_ms=latency, value=version)
            except DeviceError:
                raise
            except TimeoutError:
                raise DeviceTimeout(
                    target.device.name, "authenticate", f"no login within {timeout:.0f} seconds"
                ) from None
