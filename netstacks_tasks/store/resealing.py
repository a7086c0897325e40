"""Seals the versions that are in the clear, or sealed with a key that is to go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.models.ids import SnapshotId
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query

_PORTION: Final = 100


async def reseal(
    db: Database,
    normalised: Callable[[str, str], str],
    on_progress: Callable[[int], None] | None = None,
) -> int:
    """Seal with the first key whatever is not; those that are kept meanwhile are already.

    May be killed and begun again.

    Args:
        db: the database, opened with the keys, also those of before.
        normalised: (platform, text) -> the text that versions are compared by.
        on_progress: told how many are done, after every few.

    Returns:
        how many versions were sealed.

    Raises:
        ConfigurationError: there is no key, or none that opens some version.
    """
    if not db.sealing.active:
        raise ConfigurationError(
            "NETSTACKS_CONFIG_KEY_FILE names no keys to encrypt configurations with"
        )
    done, after = 0, UUID(int=0)
    while True:
        values = {"after": after, "mark": db.sealing.mark, "limit": _PORTION}
        async with db.transaction() as connection:
            cursor = await connection.execute(query("unsealed_snapshots"), values)
            rows = await cursor.fetchall()
            if not rows:
                return done
            ids = [SnapshotId(row[0]) for row in rows]
            texts = [
                content if sealed is None else db.sealing.open(sealed, key)
                for key, _, content, sealed in rows
            ]
            platforms = [row[1] for row in rows]
            made = {
                "ids": ids,
                "sealed": [
                    db.sealing.seal(text, key) for key, text in zip(ids, texts, strict=True)
                ],
                "sha256": [
                    db.sealing.digest(normalised(platform, text))
                    for platform, text in zip(platforms, texts, strict=True)
                ],
            }
            await connection.execute(query("seal_snapshots"), made)
        done, after = done + len(rows), ids[-1]
        if on_progress is not None:
            on_progress(done)
