"""Brings the schema forward, one file at a time; there is no way back."""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.store.queries import query

logger = logging.getLogger(__name__)

_FILE_NAME: Final = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")

Connection = AsyncConnection[TupleRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step of the schema."""

    version: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """The same on every system, however its files end their lines."""
        return hashlib.sha256(self.text.replace("\r\n", "\n").encode()).hexdigest()


@cache
def known() -> tuple[Migration, ...]:
    """The migrations of this version of the program, in order."""
    found = []
    for file in (resources.files("netstacks_tasks.store") / "migrations").iterdir():
        if match := _FILE_NAME.match(file.name):
            text = file.read_text(encoding="utf-8")
            found.append(Migration(version=int(match[1]), name=match[2], text=text))
    return tuple(sorted(found, key=lambda migration: migration.version))


async def migrate(connection: Connection, migrations: tuple[Migration, ...] | None = None) -> int:
    """Apply what is missing; safe with several starters at once.

    Args:
        connection: in autocommit mode.
        migrations: those of this version, unless told.

    Returns:
        how many were applied.

    Raises:
        ConfigurationError: the schema is newer than the program, or was made
            by a different text of a migration.
    """
    wanted = known() if migrations is None else migrations
    await connection.execute(query("lock_migrations"))
    try:
        await connection.execute(query("create_schema_migrations"))
        missing = _missing(wanted, await _applied(connection))
        for migration in missing:
            await _apply(connection, migration)
        return len(missing)
    finally:
        if not connection.closed:
            await connection.execute(query("unlock_migrations"))


async def check(connection: Connection, migrations: tuple[Migration, ...] | None = None) -> None:
    """Make sure that the schema is the one this version works with.

    Raises:
        ConfigurationError: it is older, newer or different.
    """
    wanted = known() if migrations is None else migrations
    cursor = await connection.execute("SELECT to_regclass('schema_migrations') IS NOT NULL")
    row = await cursor.fetchone()
    applied = await _applied(connection) if row is not None and row[0] else {}
    if missing := _missing(wanted, applied):
        raise ConfigurationError(
            f"the database's schema lacks {len(missing)} migration(s) from "
            f"{missing[0].version:04} on: start `netstacks up` or `netstacks sync` once, "
            "which brings it up to date"
        )


async def _applied(connection: Connection) -> dict[int, str]:
    cursor = await connection.execute(query("applied_migrations"))
    return dict(await cursor.fetchall())


def _missing(wanted: tuple[Migration, ...], applied: dict[int, str]) -> list[Migration]:
    newest = max((migration.version for migration in wanted), default=0)
    if applied and max(applied) > newest:
        raise ConfigurationError(
            f"the database's schema is version {max(applied)} and this program knows up to "
            f"{newest}: it was used by a newer version; install that one"
        )
    for migration in wanted:
        if applied.get(migration.version, migration.checksum) != migration.checksum:
            raise ConfigurationError(
                f"migration {migration.version:04}_{migration.name} was changed after it was "
                "applied to this database: install the version that made the database, or "
                "put the change into a migration of its own"
            )
    missing = [migration for migration in wanted if migration.version not in applied]
    if applied and missing and missing[0].version < max(applied):
        raise ConfigurationError(
            f"migration {missing[0].version:04}_{missing[0].name} was never applied to this "
            f"database, which is at {max(applied):04} already: the two come from different "
            "versions of this program"
        )
    return missing


async def _apply(connection: Connection, migration: Migration) -> None:
    async with connection.transaction():
        # Several statements in one go: only without parameters.
        await connection.execute(migration.text)
        await connection.execute(
            query("record_migration"),
            {
                "version": migration.version,
                "name": migration.name,
                "checksum": migration.checksum,
            },
        )
    logger.info(
        "applied migration %04d_%s",
        migration.version,
        migration.name,
        extra={"action": "migrated", "version": migration.version},
    )
