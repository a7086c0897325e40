"""What the blocks in our own Prefect server's database are encrypted with.

Prefect keeps it beside them, where a dump of the database has both. Here it is
a file of the state folder, and the server is given it by its environment.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from cryptography.fernet import Fernet

from netstacks_tasks.embedded.private_files import write_private
from netstacks_tasks.errors import ConfigurationError

ENCRYPTION_KEY = "PREFECT_SERVER_ENCRYPTION_KEY"
"""The variable of Prefect's server."""
_FILE = "prefect-encryption-key"


def key_file(state_dir: Path) -> Path:
    """Where it is kept; ours alone."""
    return state_dir / _FILE


async def own_encryption_key(state_dir: Path, database_url: str) -> str:
    """The key: made once, or taken out of the database that an older program left it in.

    The caller holds the lock of the folder, and no server runs on the database.

    Raises:
        ConfigurationError: there are two different ones.
    """
    path = key_file(state_dir)
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        inside = await _inside(connection)
        kept = _kept(path)
        if kept and inside and kept != inside:
            raise ConfigurationError(
                f"Prefect's database holds another encryption key than {path}: its blocks were "
                "saved by a server without that file. Move the file away to go on with the key "
                "of the database, then save again the credentials that cannot be read"
            )
        key = kept or inside or Fernet.generate_key().decode()
        if not kept:
            # On the disk before it is out of the database: nothing else opens the blocks.
            write_private(path, f"{key}\n")
        if inside:
            await connection.execute("DELETE FROM configuration WHERE key = 'ENCRYPTION_KEY'")
    return key


def _kept(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


async def _inside(connection: psycopg.AsyncConnection) -> str | None:
    found = await connection.execute("SELECT to_regclass('configuration') IS NOT NULL")
    if await found.fetchone() != (True,):
        return None
    found = await connection.execute(
        "SELECT value ->> 'fernet_key' FROM configuration WHERE key = 'ENCRYPTION_KEY'"
    )
    row = await found.fetchone()
    return None if row is None else str(row[0])
