"""The SSH host keys trusted for each device: the first one seen, until it is forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from psycopg.rows import class_row

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import HostKey
from netstacks_tasks.store.batches import Batches
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.queries import query

_COLUMNS: Final = ("algorithm", "public_key", "fingerprint", "first_seen_at")
_Keys = dict[DeviceId, tuple[HostKey, ...]]


class StoredHostKeys:
    """The port `HostKeys`, kept in the inventory."""

    def __init__(self, db: Database) -> None:
        """Nothing is read yet."""
        self._db = db
        self._ahead: _Keys = {}
        self._met: Batches[tuple[DeviceId, HostKey], tuple[HostKey, ...]] = Batches(self._trust_all)

    async def read_ahead(self, devices: Iterable[DeviceId]) -> None:
        """Read the keys of many devices at once; each answers the first question for its own."""
        wanted = list(devices)
        async with self._db.connection() as connection:
            found = await _known_of(connection, wanted)
        # That there is none is an answer as well: `trust` looks again.
        self._ahead.update((device_id, found.get(device_id, ())) for device_id in wanted)

    async def known(self, device_id: DeviceId) -> tuple[HostKey, ...]:
        """Keys trusted for the device; empty when it was never seen."""
        ahead = self._ahead.pop(device_id, None)
        if ahead is not None:
            return ahead
        async with self._db.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(HostKey))
            await cursor.execute(query("host_keys"), {"id": device_id})
            return tuple(await cursor.fetchall())

    async def trust(self, device_id: DeviceId, key: HostKey) -> tuple[HostKey, ...]:
        """Record a first key unless one is there; returns what is trusted now.

        Raises:
            NotFound: the inventory holds no such device.
        """
        return await self._met.do((device_id, key))

    async def _trust_all(
        self, met: Sequence[tuple[DeviceId, HostKey]]
    ) -> list[tuple[HostKey, ...]]:
        first: dict[DeviceId, HostKey] = {}
        for device_id, key in met:
            first.setdefault(device_id, key)
        async with self._db.transaction() as connection:
            # Of two sessions that meet a new device, one is first.
            cursor = await connection.execute(query("serialise_devices"), {"ids": list(first)})
            there = {device_id for (device_id,) in await cursor.fetchall()}
            for device_id in first:
                if device_id not in there:
                    raise NotFound("device", device_id)
            known = await _known_of(connection, first)
            new = {device_id: key for device_id, key in first.items() if device_id not in known}
            if new:
                values = {
                    "device_ids": list(new),
                    "algorithms": [key.algorithm for key in new.values()],
                    "public_keys": [key.public_key for key in new.values()],
                    "fingerprints": [key.fingerprint for key in new.values()],
                }
                await connection.execute(query("insert_host_keys"), values)
                known |= await _known_of(connection, new)
        return [known[device_id] for device_id, _ in met]

    async def forget(self, device_id: DeviceId) -> int:
        """Trust the next key that is seen; returns how many keys were removed."""
        async with self._db.transaction() as connection:
            cursor = await connection.execute(query("delete_host_keys"), {"id": device_id})
            return cursor.rowcount


async def _known_of(connection: Connection, devices: Iterable[DeviceId]) -> _Keys:
    """The keys of those that have any."""
    found: _Keys = {}
    cursor = await connection.execute(query("host_keys_of"), {"ids": list(devices)})
    for device_id, *key in await cursor.fetchall():
        known = HostKey(**dict(zip(_COLUMNS, key, strict=True)))
        found[device_id] = (*found.get(device_id, ()), known)
    return found
