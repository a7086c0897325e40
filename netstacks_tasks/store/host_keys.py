"""The SSH host keys trusted for each device: the first one seen, until it is forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from psycopg.rows import class_row

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import HostKey
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.queries import query

_COLUMNS: Final = ("algorithm", "public_key", "fingerprint", "first_seen_at")


@dataclass(frozen=True, slots=True)
class StoredHostKeys:
    """The port `HostKeys`, kept in the inventory."""

    db: Database
    _ahead: dict[DeviceId, tuple[HostKey, ...]] = field(default_factory=dict)

    async def read_ahead(self, devices: Iterable[DeviceId]) -> None:
        """Read the keys of many devices at once; each answers the first question for its own."""
        async with self.db.connection() as connection, connection.cursor() as cursor:
            await cursor.execute(query("host_keys_of"), {"ids": list(devices)})
            for device_id, *key in await cursor.fetchall():
                known = HostKey(**dict(zip(_COLUMNS, key, strict=True)))
                self._ahead[device_id] = (*self._ahead.get(device_id, ()), known)

    async def known(self, device_id: DeviceId) -> tuple[HostKey, ...]:
        """Keys trusted for the device; empty when it was never seen."""
        if ahead := self._ahead.pop(device_id, ()):
            return ahead
        async with self.db.connection() as connection:
            return await _known(connection, device_id)

    async def trust(self, device_id: DeviceId, key: HostKey) -> tuple[HostKey, ...]:
        """Record a first key unless one is there; returns what is trusted now.

        Raises:
            NotFound: the inventory holds no such device.
        """
        async with self.db.transaction() as connection:
            # Of two sessions that meet a new device, one is first.
            cursor = await connection.execute(query("serialise_device"), {"id": device_id})
            if await cursor.fetchone() is None:
                raise NotFound("device", device_id)
            known = await _known(connection, device_id)
            if known:
                return known
            values = {
                "device_id": device_id,
                "algorithm": key.algorithm,
                "public_key": key.public_key,
                "fingerprint": key.fingerprint,
            }
            await connection.execute(query("insert_host_key"), values)
            return await _known(connection, device_id)

    async def forget(self, device_id: DeviceId) -> int:
        """Trust the next key that is seen; returns how many keys were removed."""
        async with self.db.transaction() as connection:
            cursor = await connection.execute(query("delete_host_keys"), {"id": device_id})
            return cursor.rowcount


async def _known(connection: Connection, device_id: DeviceId) -> tuple[HostKey, ...]:
    async with connection.cursor(row_factory=class_row(HostKey)) as cursor:
        await cursor.execute(query("host_keys"), {"id": device_id})
        return tuple(await cursor.fetchall())
