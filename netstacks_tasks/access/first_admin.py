"""The first administrator of an installation that has nobody yet."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from netstacks_tasks.access import passwords
from netstacks_tasks.access.random_secrets import new_secret
from netstacks_tasks.embedded.page_login import password_file
from netstacks_tasks.embedded.private_files import write_private
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.store import users
from netstacks_tasks.store.database import Database

NAME: Final = "admin"


async def first_admin(db: Database, state_dir: Path) -> Path | None:
    """Make one when there are no users at all.

    The caller holds the lock of the folder.

    Returns:
        The file with the password, as long as that is the password.
    """
    path = password_file(state_dir)
    if not await users.find(db):
        await _make(db, path)
    try:
        password = path.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, ValueError):
        return None
    found = await users.with_password_hash(db, NAME)
    if await passwords.is_right(found[1] if found else None, password):
        return path
    # It was changed since, or the database is another one.
    path.unlink()
    return None


async def _make(db: Database, path: Path) -> None:
    # The file comes first: a user whose password nobody knows would lock everybody out.
    password = new_secret()
    write_private(path, f"{password}\n")
    with suppress(InvalidInput):  # another machine made it just now
        await users.create(db, NAME, "admin", await passwords.hashed(password))
