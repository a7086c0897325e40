"""Passwords of people: kept as Argon2id hashes."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from netstacks_tasks.errors import InvalidInput

SHORTEST: Final = 12
LONGEST: Final = 1000

_HASHER: Final = PasswordHasher()
# Each hash takes 64 MiB for a moment: whoever sends many passwords at once waits.
_THREADS: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
# A name that nobody has takes as long to refuse as a wrong password.
_NOBODY: Final = _HASHER.hash("nobody's")


def check_password(password: str) -> str:
    """The password, when it may be one.

    Raises:
        InvalidInput: it is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput.single(
            "password", f"must have {SHORTEST} to {LONGEST} characters: choose another"
        )
    return password


async def hashed(password: str) -> str:
    """What is kept of a password; takes a moment, in a thread of its own.

    Raises:
        InvalidInput: as `check_password`.
    """
    checked = check_password(password)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, checked)


async def is_right(kept: str | None, password: str) -> bool:
    """Whether it is the password; `kept` is None when there is no such user."""
    tried = (kept or _NOBODY, password[:LONGEST])
    right = await asyncio.get_running_loop().run_in_executor(_THREADS, _verify, *tried)
    return right and kept is not None


def _verify(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
