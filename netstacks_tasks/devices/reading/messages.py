"""What a run and its reading processes tell each other, over a socket that nobody else has.

Pickled, as between processes of `multiprocessing`: both ends are the same program of the same user,
and a device's output travels as text.
"""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from netstacks_tasks.devices.ports import CapturedConfig
from netstacks_tasks.models.inventory import DeviceTarget, HostKey

_LENGTH: Final = 4


@dataclass(frozen=True, slots=True)
class Read:
    """Read a device's configuration."""

    number: int
    target: DeviceTarget
    keys: tuple[HostKey, ...]
    """To hold it to."""
    timeout: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody waits for a reading any more."""

    number: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The device let us in."""

    number: int


@dataclass(frozen=True, slots=True)
class Done:
    """What the device printed."""

    number: int
    captured: CapturedConfig


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is no configuration."""

    number: int
    error: Exception


Order: TypeAlias = Read | Cancel
Report: TypeAlias = Accepted | Done | Failed


def packed(message: Order | Report) -> bytes:
    """A message as bytes that tell their length."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(_LENGTH, "big") + data


async def received(stream: asyncio.StreamReader) -> Any:  # noqa: ANN401 - the caller knows its end
    """The next message.

    Raises:
        EOFError: the other end is gone.
        OSError: so it is, in the middle of something.
    """
    length = int.from_bytes(await stream.readexactly(_LENGTH), "big")
    return pickle.loads(await stream.readexactly(length))  # noqa: S301 - our own process wrote it
