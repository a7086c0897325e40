"""Somebody changes the password they sign in with."""

from __future__ import annotations

from netstacks_tasks.access import passwords
from netstacks_tasks.access.random_secrets import digest, new_secret
from netstacks_tasks.access.throttle import Throttle, name_key
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.access import User
from netstacks_tasks.store import users, web_sessions
from netstacks_tasks.store.database import Database


async def change_own_password(
    db: Database, throttle: Throttle, user: User, old: str, new: str
) -> str:
    """Change it, and end every session; returns what the cookie of the new one is to hold.

    Raises:
        InvalidInput: the old password is wrong, or the new one cannot be one.
        TooManyAttempts: the old one was wrong too often.
    """
    key = name_key(user.name)
    throttle.attempt(key)
    found = await users.with_password_hash(db, user.name)
    if not await passwords.is_right(found[1] if found else None, old):
        raise InvalidInput.single("old_password", "is not your password: type it again")
    throttle.succeeded(key)
    await users.change(db, user.id, password_hash=await passwords.hashed(new))
    cookie = new_secret()
    await web_sessions.begin(db, digest(cookie), user.id, new_secret())
    return cookie
