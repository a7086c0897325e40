"""Who may sign in to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from psycopg import errors
from psycopg.rows import class_row, dict_row

from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.models.access import Role, User
from netstacks_tasks.store.connecting import store_errors
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.inventory import as_id
from netstacks_tasks.store.queries import query


async def find(db: Database) -> list[User]:
    """All of them, by name."""
    async with db.connection() as connection:
        return await _read(connection)


async def get(db: Database, key: UUID | str) -> User:
    """One, by id or name; what looks like an id is taken for one first.

    Raises:
        NotFound: there is none.
    """
    async with db.connection() as connection:
        return await _get(connection, key)


async def with_password_hash(db: Database, name: str) -> tuple[User, str] | None:
    """A user and what the password is checked against."""
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("password_hash"), {"name": name})
        row = await cursor.fetchone()
    if row is None:
        return None
    kept = str(row.pop("password_hash"))
    return User(**row), kept


async def create(db: Database, name: str, role: Role, password_hash: str) -> User:
    """Save a new user.

    Raises:
        InvalidInput: the name is taken.
    """
    values = {"name": name, "role": role, "password_hash": password_hash}
    try:
        async with db.transaction() as connection:
            with store_errors():
                found = await _rows(connection, "insert_user", values)
    except errors.UniqueViolation as error:
        raise InvalidInput.single(
            "name", f"there is a user {name!r} already: choose another name"
        ) from error
    return found[0]


async def change(
    db: Database,
    key: UUID | str,
    *,
    role: Role | None = None,
    password_hash: str | None = None,
    check: Callable[[User], None] = lambda _: None,
) -> User:
    """Another role, another password, or both; what is signed in with the old ones is not any more.

    Args:
        db: the database.
        key: the user's id or name.
        role: None: as before.
        password_hash: None: as before.
        check: refuses, by an error, the user as it is by now.

    Raises:
        NotFound: there is no such user.
        InvalidInput: nobody would be left who may manage access.
    """
    async with db.transaction() as connection:
        await connection.execute(query("lock_users"))
        before = await _get(connection, key)
        check(before)
        if role not in {None, "admin"}:
            await _keep_an_admin(connection, before)
        await connection.execute(query("delete_sessions_of"), {"user_id": before.id})
        values = {"id": before.id, "role": role, "password_hash": password_hash}
        return (await _rows(connection, "update_user", values))[0]


async def delete(
    db: Database, key: UUID | str, check: Callable[[User], None] = lambda _: None
) -> User:
    """Remove a user; raises as `change` does."""
    async with db.transaction() as connection:
        await connection.execute(query("lock_users"))
        before = await _get(connection, key)
        check(before)
        await _keep_an_admin(connection, before)
        await connection.execute(query("delete_user"), {"id": before.id})
        return before


async def _keep_an_admin(connection: Connection, user: User) -> None:
    if user.role != "admin":
        return
    cursor = await connection.execute(query("count_admins"), {"id": user.id})
    row = await cursor.fetchone()
    if row is None or not row[0]:
        raise InvalidInput.single(
            "role", f"{user.name!r} is the last administrator: make another one first"
        )


async def _get(connection: Connection, key: UUID | str) -> User:
    by_id = as_id(key)
    found = await _read(connection, id=by_id) if by_id is not None else []
    if not found and isinstance(key, str):
        found = await _read(connection, name=key)
    if not found:
        raise NotFound("user", key)
    return found[0]


async def _read(
    connection: Connection,
    id: UUID | None = None,  # noqa: A002 - the column's name
    name: str | None = None,
) -> list[User]:
    return await _rows(connection, "users", {"id": id, "name": name})


async def _rows(connection: Connection, statement: str, values: dict[str, Any]) -> list[User]:
    async with connection.cursor(row_factory=class_row(User)) as cursor:
        await cursor.execute(query(statement), values)
        return await cursor.fetchall()
