"""What programs show to the API; only digests are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import errors
from psycopg.rows import class_row, dict_row

from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.models.access import ApiToken, Role
from netstacks_tasks.store.connecting import store_errors
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.inventory import as_id
from netstacks_tasks.store.queries import query


async def find(db: Database) -> list[ApiToken]:
    """All of them, by name."""
    async with db.connection() as connection:
        return await _rows(connection, "api_tokens", {"id": None, "name": None})


async def of_digest(db: Database, digest: bytes) -> ApiToken | None:
    """The token of this digest, unless it has run out; notes that it was used."""
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("api_token_of"), {"digest": digest})
        row = await cursor.fetchone()
        if row is None:
            return None
        if row.pop("stale"):
            await cursor.execute(query("touch_api_token"), {"id": row["id"]})
    return ApiToken(**row)


async def create(
    db: Database, name: str, role: Role, digest: bytes, expires_at: datetime | None
) -> ApiToken:
    """Save a new token.

    Raises:
        InvalidInput: the name is taken.
    """
    values = {"name": name, "role": role, "digest": digest, "expires_at": expires_at}
    try:
        async with db.transaction() as connection:
            with store_errors():
                return (await _rows(connection, "insert_api_token", values))[0]
    except errors.UniqueViolation as error:
        raise InvalidInput.single(
            "name", f"there is a token {name!r} already: choose another name, or revoke that one"
        ) from error


async def revoke(db: Database, key: UUID | str) -> ApiToken:
    """Remove a token, by id or name: it is refused from now on.

    Raises:
        NotFound: there is none.
    """
    async with db.transaction() as connection:
        by_id = as_id(key)
        found = (
            await _rows(connection, "api_tokens", {"id": by_id, "name": None}) if by_id else []
        ) or await _rows(connection, "api_tokens", {"id": None, "name": str(key)})
        if not found:
            raise NotFound("token", key)
        await connection.execute(query("delete_api_token"), {"id": found[0].id})
        return found[0]


async def _rows(connection: Connection, statement: str, values: dict[str, Any]) -> list[ApiToken]:
    async with connection.cursor(row_factory=class_row(ApiToken)) as cursor:
        await cursor.execute(query(statement), values)
        return await cursor.fetchall()
