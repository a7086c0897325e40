"""Requests that may be sent again: the second time makes nothing new, for a day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.store.database import Connection
from netstacks_tasks.store.queries import query


class KeyReused(InvalidInput):
    """One key for two different requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request with a key."""

    owner: str
    """Who sent it: keys of different senders have nothing to do with each other."""
    key: str
    digest: bytes
    """Of what was asked for."""

    @classmethod
    def of(cls, owner: str, key: str, *asked: bytes) -> Request:
        """Asked for what, in parts."""
        whole = hashlib.sha256()
        for part in asked:
            whole.update(len(part).to_bytes(8, "big") + part)
        return cls(owner=owner, key=key, digest=whole.digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A key as it is kept."""

    request: bytes
    object_id: UUID | None
    """What the first request made; None: not known (yet)."""
    created_at: datetime


async def claim(connection: Connection, request: Request) -> Claim:
    """Take the key, or find what it was taken for.

    In the transaction that makes the object whoever sends the same key meanwhile
    waits until it is made.

    Raises:
        KeyReused: the key was sent with another request.
    """
    values = {"owner": request.owner, "key": request.key, "request": request.digest}
    await connection.execute(query("forget_idempotency_keys"))
    async with connection.cursor(row_factory=class_row(Claim)) as cursor:
        await cursor.execute(query("claim_idempotency_key"), values)
        found = await cursor.fetchone()
        if found is None:
            await cursor.execute(query("idempotency_key"), values)
            found = await cursor.fetchone()
    if found is None or found.request != request.digest:
        raise KeyReused.single(
            "Idempotency-Key", "was sent with another request before: use a new key for this one"
        )
    return found


async def settle(connection: Connection, request: Request, object_id: UUID) -> None:
    """Keep what the request made, for whoever repeats it."""
    values = {"owner": request.owner, "key": request.key, "object_id": object_id}
    await connection.execute(query("settle_idempotency_key"), values)
