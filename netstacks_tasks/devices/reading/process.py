"""A reading process: `python -m netstacks_tasks.devices.reading.process FD`.

FD is its end of the socket; when the other end is closed, however that came, it
ends what it does, and itself.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import sys

from netstacks_tasks import private_memory
from netstacks_tasks.devices.ports import HostKeys
from netstacks_tasks.devices.reading.messages import (
    Accepted,
    Cancel,
    Done,
    Failed,
    Order,
    Read,
    Report,
    packed,
    received,
)
from netstacks_tasks.devices.session_readers import session_readers
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import HostKey


class _GivenKeys(HostKeys):
    """The keys of one device, which the run has looked up."""

    def __init__(self, keys: tuple[HostKey, ...]) -> None:
        self._keys = keys

    async def known(self, device_id: DeviceId) -> tuple[HostKey, ...]:  # noqa: ARG002 - the port's
        return self._keys

    async def trust(self, device_id: DeviceId, key: HostKey) -> tuple[HostKey, ...]:  # noqa: ARG002 - the port's
        return self._keys


class _Process:
    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._readings: dict[int, asyncio.Task[None]] = {}

    def take(self, order: Order) -> None:
        if isinstance(order, Cancel):
            if order.number in self._readings:
                self._readings[order.number].cancel()
            return
        self._readings[order.number] = asyncio.create_task(self._read(order))

    async def end(self) -> None:
        readings = list(self._readings.values())
        for reading in readings:
            reading.cancel()
        await asyncio.gather(*readings, return_exceptions=True)
        self._writer.close()

    async def _read(self, order: Read) -> None:
        platform = order.target.device.platform
        reader = session_readers(_GivenKeys(order.keys))[platform]
        try:
            captured = await reader.read_config(
                order.target,
                timeout=order.timeout,
                accepted=lambda: self._tell(Accepted(order.number)),
            )
        except Exception as error:
            self._tell(Failed(order.number, error))
        else:
            self._tell(Done(order.number, captured))
        finally:
            del self._readings[order.number]
        await self._writer.drain()

    def _tell(self, report: Report) -> None:
        self._writer.write(packed(report))


async def serve(end: socket.socket) -> None:
    """Read what is ordered over a socket, until it is closed."""
    stream, writer = await asyncio.open_unix_connection(sock=end)
    process = _Process(writer)
    try:
        while True:
            process.take(await received(stream))
    except (EOFError, OSError):
        await process.end()


if __name__ == "__main__":
    private_memory.keep()
    gc.collect()
    gc.freeze()
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1]))))
