"""The audit log: who did what, when and from where.

Changes of rows are recorded by the database's own triggers, whatever made them;
this adds what changes no row, and reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from netstacks_tasks.models.access import Actor, AuditEntry
from netstacks_tasks.store.acting import current_actor
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.queries import query

_PREFIXES: Final = ("user", "token", "cli", "database")
"""Of actors; the others are whole names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSearch:
    """Which entries; what is None does not matter."""

    actor: str | None = None
    """`user:anna`, or `anna` whichever way she came."""
    kind: str | None = None
    object_id: UUID | None = None
    before: int | None = None
    """Only entries older than the one of this id: the next page."""
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something done that changes no row: a run started, a sign-in."""

    action: str
    kind: str
    object_id: UUID | None = None
    object_name: str = ""
    details: Mapping[str, Any] | None = None
    """JSON, without secrets."""


async def record(db: Database, deed: Deed, *, actor: Actor | None = None) -> None:
    """Keep it as the doing of `actor`, or else of the current one."""
    async with db.connection() as connection:
        await write(connection, deed, actor=actor)


async def write(connection: Connection, deed: Deed, *, actor: Actor | None = None) -> None:
    """`record`, within a transaction."""
    who = actor or current_actor() or Actor(name="python", via="python")
    values = {
        "actor": who.name,
        "via": who.via,
        "address": who.address,
        "action": deed.action,
        "kind": deed.kind,
        "object_id": deed.object_id,
        "object_name": deed.object_name,
        "changes": Jsonb(dict(deed.details or {})),
    }
    await connection.execute(query("insert_audit"), values)


async def find(db: Database, wanted: AuditSearch | None = None) -> list[AuditEntry]:
    """The entries that match, the latest first."""
    async with (
        db.connection() as connection,
        connection.cursor(row_factory=class_row(AuditEntry)) as cursor,
    ):
        values = asdict(wanted or AuditSearch())
        values["actors"] = _actors(values.pop("actor"))
        await cursor.execute(query("audit_log"), values)
        return await cursor.fetchall()


def _actors(named: str | None) -> list[str] | None:
    if named is None or ":" in named:
        return named if named is None else [named]
    return [named, *(f"{prefix}:{named}" for prefix in _PREFIXES)]
