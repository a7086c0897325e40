"""Versions of configurations: one more only when something changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg import errors
from psycopg.rows import dict_row

from netstacks_tasks.errors import ConfigurationError, NotFound
from netstacks_tasks.models.capture import Capture
from netstacks_tasks.models.ids import DeviceId, RunId, SnapshotId, TaskId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.unified_diff import Side, unified
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory import as_id
from netstacks_tasks.store.queries import query
from netstacks_tasks.store.texts import storable

Normalise = Callable[[str, str], str]
"""(platform, text) -> the text without volatile lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A version of a configuration, without its text."""

    id: SnapshotId
    device_id: DeviceId | None
    """None when the device is no longer in the inventory."""
    device_name: str
    platform: str
    task_id: TaskId | None
    run_id: RunId | None
    destination: str
    source: str
    """`running` or `startup`."""
    sha256: str
    """Of the normalised text."""
    line_count: int
    """Of the normalised text."""
    captured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConfig(Snapshot):
    """A version with its text."""

    content: str = field(repr=False)
    """As the device printed it; holds secrets."""


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """The version that holds a capture."""

    id: SnapshotId
    made: bool
    """It was made just now."""
    run_id: RunId | None
    """The run that made it."""


@dataclass(frozen=True, slots=True)
class SeenVersion:
    """The version that a text was seen of before."""

    id: SnapshotId
    run_id: RunId | None
    """The run that made it."""
    lines: int
    """Of the normalised text."""


async def keep(
    db: Database,
    *,
    device: Device,
    task_id: TaskId,
    run_id: RunId,
    destination: str,
    source: str,
    content: str,
    normalised: str,
) -> tuple[SnapshotId, bool]:
    """Keep a configuration, as a new version if it differs from the newest one.

    Returns:
        the version that holds it, and whether it was made just now. Of two
        captures of the same text at once one makes a version.

    Raises:
        NotFound: the device, the task or the run is gone.
    """
    capture = Capture(device=device, source=source, content=content, normalised=normalised)
    (kept,) = await keep_all(db, [capture], task_id=task_id, run_id=run_id, destination=destination)
    return kept.id, kept.made


async def keep_all(
    db: Database,
    captures: Sequence[Capture],
    *,
    task_id: TaskId,
    run_id: RunId,
    destination: str,
) -> list[KeptVersion]:
    """Keep configurations, each of another device or source, all of them or none.

    Returns:
        in their order, the versions that hold them.

    Raises:
        NotFound: a device, the task or the run is gone.
    """
    sealing = db.sealing
    hashes = [sealing.digests(capture.normalised) for capture in captures]
    texts = [sealing.digest(capture.content) for capture in captures]
    series = [f"{one.device.id}/{destination}/{one.source}" for one in captures]
    wanted = {
        "devices": [capture.device.id for capture in captures],
        "sources": [capture.source for capture in captures],
        "destination": destination,
    }
    kept: list[KeptVersion] = []
    inserts: list[dict[str, Any]] = []
    other: dict[SnapshotId, str] = {}
    try:
        async with db.transaction() as connection:
            await connection.execute(query("lock_snapshots"), {"series": series})
            cursor = await connection.execute(query("newest_snapshots"), wanted)
            for capture, digests, seen, found in zip(
                captures, hashes, texts, await cursor.fetchall(), strict=True
            ):
                if found[1] in digests:
                    kept.append(KeptVersion(found[0], made=False, run_id=found[2]))
                    if found[3] != seen:
                        other[found[0]] = seen
                    continue
                kept.append(KeptVersion(SnapshotId(uuid4()), made=True, run_id=run_id))
                text = storable(capture.content)
                sealed = sealing.seal(text, kept[-1].id)
                inserts.append(
                    {
                        "id": kept[-1].id,
                        "device_id": capture.device.id,
                        "device_name": capture.device.name,
                        "platform": capture.device.platform,
                        "source": capture.source,
                        "content": text if sealed is None else "",
                        "sealed": sealed,
                        "sha256": digests[0],
                        "seen_sha256": seen,
                        "line_count": capture.lines,
                    }
                )
            if other:
                values = {"ids": list(other), "seen": list(other.values())}
                await connection.execute(query("put_seen_texts"), values)
            if inserts:
                columns = {name: [row[name] for row in inserts] for name in inserts[0]}
                of = {"task_id": task_id, "run_id": run_id, "destination": destination}
                await connection.execute(query("insert_snapshots"), columns | of)
    except errors.ForeignKeyViolation as error:
        raise _gone(error, captures, task_id, run_id) from error
    return kept


async def seen_all(
    db: Database, texts: Sequence[tuple[DeviceId, str, str]], *, destination: str
) -> list[SeenVersion | None]:
    """Which texts say nothing new, as the very text seen last of the newest version.

    Args:
        db: the database.
        texts: (device, source, text); the text as `Capture.content`.
        destination: as in the task.

    Returns:
        in their order; None: not known, `keep_all` tells.

    Raises:
        ConfigurationError: what there is is encrypted, and no key is at hand:
            the next version would stand beside it in the clear.
    """
    values = {
        "devices": [device for device, _, _ in texts],
        "sources": [source for _, source, _ in texts],
        "seen": [db.sealing.digest(text) for _, _, text in texts],
        "destination": destination,
    }
    async with db.connection() as connection:
        cursor = await connection.execute(query("seen_snapshots"), values)
        rows = await cursor.fetchall()
    if not db.sealing.active and any(row[3] for row in rows):
        raise ConfigurationError(
            "the versions before are encrypted and this process has no key: set "
            "NETSTACKS_CONFIG_KEY_FILE where its worker starts"
        )
    return [SeenVersion(row[0], run_id=row[1], lines=row[2]) if row[4] else None for row in rows]


def _gone(
    error: errors.ForeignKeyViolation, captures: Sequence[Capture], task_id: TaskId, run_id: RunId
) -> NotFound:
    constraint = error.diag.constraint_name or ""
    if "device" in constraint:
        return NotFound("device", " or ".join(capture.device.name for capture in captures))
    return NotFound("task", task_id) if "task_id" in constraint else NotFound("run", run_id)


async def list_versions(
    db: Database,
    *,
    device: DeviceId | str | None = None,
    destination: str | None = None,
    source: str | None = None,
    limit: int = 100,
    before: Snapshot | None = None,
) -> list[Snapshot]:
    """Versions that match, the newest first.

    Args:
        db: the database.
        device: by id or name; a name also finds versions of a removed device.
        destination: as in the task.
        source: `running` or `startup`.
        limit: how many at most.
        before: the last one of the page before.
    """
    device_id = as_id(device) if device is not None else None
    values = {
        "device_id": device_id,
        "device_name": device if device_id is None else None,
        "destination": destination,
        "source": source,
        "limit": limit,
        "before_time": None if before is None else before.captured_at,
        "before_id": None if before is None else before.id,
    }
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("snapshots"), values)
        return [Snapshot(**row) for row in await cursor.fetchall()]


async def get(db: Database, snapshot_id: SnapshotId | UUID) -> StoredConfig:
    """One version with its text.

    Raises:
        NotFound: there is none.
        ConfigurationError: it is encrypted, and its key is not at hand.
    """
    async with db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("snapshot"), {"id": snapshot_id})
        row = await cursor.fetchone()
    if row is None:
        raise NotFound("snapshot", snapshot_id)
    sealed = row.pop("sealed")
    if sealed is not None:
        row["content"] = db.sealing.open(sealed, row["id"])
    return StoredConfig(**row)


async def previous(db: Database, snapshot: Snapshot) -> Snapshot | None:
    """The version before this one, of the same device, destination and source."""
    if snapshot.device_id is None:
        return None
    found = await list_versions(
        db,
        device=snapshot.device_id,
        destination=snapshot.destination,
        source=snapshot.source,
        limit=1,
        before=snapshot,
    )
    return found[0] if found else None


async def before_each(db: Database, versions: Sequence[SnapshotId]) -> dict[SnapshotId, SnapshotId]:
    """By version, the one before it; those that are the first are not there."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("versions_before"), {"ids": list(versions)})
        return {found[0]: found[1] for found in await cursor.fetchall() if found[1] is not None}


async def diff(db: Database, before: SnapshotId, after: SnapshotId, *, normalise: Normalise) -> str:
    """What changed between two versions: a unified diff of their normalised texts.

    Empty when they are the same. The versions may be of different devices.

    Raises:
        NotFound: one of them does not exist.
    """
    old, new = await get(db, before), await get(db, after)
    sides = [
        Side(title=title_of(one), lines=normalise(one.platform, one.content).splitlines())
        for one in (old, new)
    ]
    return unified(*sides).text


def title_of(version: Snapshot) -> str:
    """What a diff calls a version."""
    return f"{version.device_name} {version.source} {version.captured_at:%Y-%m-%d %H:%M:%S} UTC"
