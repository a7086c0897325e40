"""Who applies the retention policy, when that was last done, and what is told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import OperationalError
from psycopg.types.json import Jsonb

from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.models.access import Actor
from netstacks_tasks.store.acting import current_actor
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.queries import query


class RetentionBusy(NetstacksError):
    """The retention policy is being applied just now: try again when that is done."""

    def __init__(self) -> None:
        super().__init__(str(self.__doc__))


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRound:
    """What is known of the last one."""

    finished_at: datetime
    settings: Mapping[str, Any] | None
    """Those that the sync follows; None: no sync has told them yet."""


async def last(db: Database) -> LastRound:
    """The last time that the policy was applied as a whole."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("retention_round"))
        row = await cursor.fetchone()
    if row is None:
        raise NetstacksError("the table retention_rounds is empty: put its only row back")
    return LastRound(finished_at=row[0], settings=row[1])


async def note_settings(db: Database, settings: Mapping[str, Any]) -> None:
    """Say which settings the sync follows."""
    values = {"settings": Jsonb(dict(settings))}
    async with db.transaction() as connection:
        await connection.execute(query("note_retention_settings"), values)


async def finished(db: Database) -> None:
    """Say that the policy was applied as a whole just now."""
    async with db.transaction() as connection:
        await connection.execute(query("end_retention_round"))


@asynccontextmanager
async def exclusive(db: Database) -> AsyncIterator[None]:
    """Hold off everybody else who would apply the policy.

    Should the session break meanwhile two may be at it: that costs time, nothing else.

    Raises:
        RetentionBusy: somebody is at it.
    """
    async with db.connection() as connection:
        cursor = await connection.execute(query("try_lock_retention"))
        row = await cursor.fetchone()
        if row is None or not row[0]:
            raise RetentionBusy
        try:
            yield
        finally:
            # A session that broke holds no lock, and what was done is done.
            with suppress(OperationalError):
                await connection.execute(query("unlock_retention"))


class RetentionEntry:
    """The audit log's entry of one round; there is none while nothing has gone."""

    def __init__(self) -> None:
        self._id: int | None = None

    async def write(self, connection: Connection, removed: Mapping[str, int]) -> None:
        """Tell what has gone by now, in the transaction in which the last of it goes."""
        told = Jsonb(dict(removed))
        if self._id is not None:
            values = {"id": self._id, "removed": told}
            await connection.execute(query("renew_retention_entry"), values)
            return
        who = current_actor() or Actor(name="sync", via="python")
        values = {
            "actor": who.name,
            "via": who.via,
            "address": who.address,
            "removed": told,
        }
        cursor = await connection.execute(query("begin_retention_entry"), values)
        row = await cursor.fetchone()
        self._id = None if row is None else row[0]
