"""Who is signed in to the page; only digests of the cookies are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from psycopg.rows import dict_row

from netstacks_tasks.models.access import User
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query

LIFETIME: Final = timedelta(days=7)
"""After this one has to sign in again, whatever one does."""
IDLE: Final = timedelta(hours=12)
"""After this long without a request, too."""


async def begin(db: Database, digest: bytes, user_id: UUID, csrf_token: str) -> None:
    """Somebody signed in."""
    values = {
        "digest": digest,
        "user_id": user_id,
        "csrf_token": csrf_token,
        "lifetime": LIFETIME,
    }
    async with db.transaction() as connection:
        await connection.execute(query("insert_session"), values)


async def find(db: Database, digest: bytes) -> tuple[User, str] | None:
    """Who is signed in, and the token that guards against forged requests."""
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("session"), {"digest": digest, "idle": IDLE})
        row = await cursor.fetchone()
        if row is None:
            return None
        if row.pop("stale"):
            await cursor.execute(query("touch_session"), {"digest": digest})
    csrf_token = str(row.pop("csrf_token"))
    return User(**row), csrf_token


async def end(db: Database, digest: bytes) -> None:
    """Sign out."""
    async with db.transaction() as connection:
        await connection.execute(query("delete_session"), {"digest": digest})
