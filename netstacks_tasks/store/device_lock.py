"""One run at a time on a device's configuration, whatever task it is of."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from netstacks_tasks.ending import stopped
from netstacks_tasks.errors import DeviceError, StoreUnavailable
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store.lock_connection import LockConnection

T = TypeVar("T")

_NAME: Final = "netstacks device of "
"""Before the run, in the session's application_name."""
_POLL_SECONDS: Final = 0.5
_WATCH_SECONDS: Final = 1.0
_GRACE_SECONDS: Final = 5.0
"""After an outage who held the lock comes first; others wait this long."""


def device_key(device: Device) -> int:
    """The 64 bits that name a device's lock."""
    digest = hashlib.blake2b(device.id.bytes, digest_size=8, person=b"netstacks device")
    return int.from_bytes(digest.digest(), "big", signed=True)


async def while_locked(
    url: str,
    device: Device,
    run_id: RunId,
    work: Callable[[], Awaitable[T]],
    *,
    patience: float,
) -> T:
    """Do the work while no other run can configure the device.

    The lock is an advisory one of PostgreSQL, in a session of its own: it is
    gone with this process, however that ends. When the session breaks the lock
    is taken again, and the work is cancelled if another run was faster.

    Args:
        url: of the database.
        device: which.
        run_id: shown to whoever waits for it.
        work: begun once the lock is held.
        patience: seconds to wait for another run.

    Raises:
        DeviceError: stage `lock`: another run configures the device.
        StoreUnavailable: no lock could be asked for.
    """
    session = _Session(url, device, run_id)
    try:
        await session.take(time.monotonic() + patience)
        working = asyncio.ensure_future(work())
        watching = asyncio.ensure_future(session.until_lost())
        try:
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise DeviceError(
                device.name,
                "lock",
                "busy",
                "the database went away and another run began to configure the device; "
                "this one stopped: look at both",
            )
        finally:
            await stopped(watching, working)
    finally:
        await session.close()


class _Session:
    def __init__(self, url: str, device: Device, run_id: RunId) -> None:
        self._device = device
        self._key = device_key(device)
        self._connection = LockConnection(url, f"{_NAME}run {run_id}")

    async def take(self, until: float) -> None:
        """Wait for the lock, until a time of the monotonic clock."""
        holder = ""
        await self._connection.connect()
        while True:
            settled = await self._connection.settled(_GRACE_SECONDS)
            if settled and await self._connection.try_take(self._key):
                return
            holder = await self._holder() or holder
            if time.monotonic() > until:
                break
            await asyncio.sleep(_POLL_SECONDS)
        raise DeviceError(
            self._device.name,
            "lock",
            "busy",
            f"{holder.removeprefix(_NAME) or 'another session'} configures the device and did "
            "not end in time; nothing was done",
        )

    async def until_lost(self) -> None:
        """Return when another run has the lock."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            try:
                await self._connection.ping()
            except StoreUnavailable:
                if not await self._retaken():
                    return

    async def _retaken(self) -> bool:
        while True:
            try:
                await self._connection.connect()
                while not await self._connection.try_take(self._key):
                    # Our own former session may not have been noticed as dead yet.
                    if await self._holder() not in {None, self._connection.name}:
                        return False
                    await asyncio.sleep(_POLL_SECONDS)
            except StoreUnavailable:
                await asyncio.sleep(_POLL_SECONDS)
            else:
                return True

    async def close(self) -> None:
        """Give the lock back, by ending the session."""
        await self._connection.close()

    async def _holder(self) -> str | None:
        """The name of the session that has it, empty for a nameless one; None for nobody."""
        found = await self._connection.holder(self._key)
        return None if found is None else found[0]
