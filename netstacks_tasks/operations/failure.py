"""Turns whatever went wrong on a device into a `DeviceError`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from netstacks_tasks.errors import DeviceError, DeviceTimeout, NetstacksError
from netstacks_tasks.models.causes import Stage
from netstacks_tasks.operations.deadline import Deadline

T = TypeVar("T")

_GRACE_SECONDS = 2.0
"""What an adapter gets to end by its own deadline before it is cancelled."""


class NotStarted(DeviceTimeout):
    """There was no time left to begin: it says nothing about the device."""


def as_device_error(error: Exception, device: str, stage: Stage) -> DeviceError:
    """The error as one of the device.

    The text of an exception nobody foresaw may hold anything, a password
    included: only its kind is told.
    """
    if isinstance(error, DeviceError):
        return error
    if isinstance(error, NetstacksError):
        return DeviceError(device, stage, "storage" if stage == "store" else "internal", str(error))
    if isinstance(error, TimeoutError):
        return DeviceTimeout(device, stage, "did not answer in time")
    return DeviceError(
        device, stage, "internal", f"an unexpected {type(error).__name__}; please report it"
    )


async def within(awaitable: Awaitable[T], *, device: str, stage: Stage, seconds: float) -> T:
    """Await an adapter that was given `seconds`, and no longer than that by much.

    Raises:
        DeviceTimeout: it ignored its deadline.
    """
    try:
        async with asyncio.timeout(seconds + min(_GRACE_SECONDS, seconds / 4)):
            return await awaitable
    except DeviceError:
        raise
    except TimeoutError:
        raise DeviceTimeout(
            device, stage, f"nothing came back within {seconds:.0f} seconds"
        ) from None


def require_time(deadline: Deadline, device: str, stage: Stage, least: float) -> None:
    """Refuse to start on a device that could not be finished.

    Raises:
        NotStarted: less than `least` seconds of the attempt are left.
    """
    if deadline.left < least:
        raise NotStarted(
            device,
            stage,
            "not started: the attempt's time was used up by the devices before it; "
            "raise timeout_seconds or split the group",
        )
