"""Signing in to the page, and out."""

from __future__ import annotations

from dataclasses import dataclass, field

from netstacks_tasks.access import passwords
from netstacks_tasks.access.random_secrets import digest, new_secret
from netstacks_tasks.access.throttle import Throttle, address_key, name_key
from netstacks_tasks.errors import NotSignedIn
from netstacks_tasks.models.access import Actor, Principal, User
from netstacks_tasks.store import audit, users, web_sessions
from netstacks_tasks.store.audit import Deed
from netstacks_tasks.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in to the page."""

    user: User
    principal: Principal
    csrf_token: str = field(repr=False)


async def sign_in(
    db: Database, throttle: Throttle, name: str, password: str, address: str | None
) -> str:
    """Check a password; returns what the cookie is to hold.

    Raises:
        NotSignedIn: the name or the password is wrong; it does not say which.
        TooManyAttempts: it was wrong too often.
    """
    keys = (name_key(name), address_key(address))
    throttle.attempt(*keys)
    found = await users.with_password_hash(db, name)
    if not await passwords.is_right(found[1] if found else None, password):
        await _note(db, "sign-in refused", address, found[0] if found else None)
        raise NotSignedIn("the name or the password is wrong")
    if found is None:
        raise NotSignedIn("the name or the password is wrong")
    throttle.succeeded(*keys)
    cookie = new_secret()
    await web_sessions.begin(db, digest(cookie), found[0].id, new_secret())
    await _note(db, "signed in", address, found[0])
    return cookie


async def session(db: Database, cookie: str | None, address: str | None) -> Session | None:
    """Who is signed in with a cookie; None: nobody, or not any more."""
    found = await web_sessions.find(db, digest(cookie)) if cookie else None
    if found is None:
        return None
    user, csrf_token = found
    actor = Actor(name=f"user:{user.name}", via="page", address=address)
    return Session(
        user=user, principal=Principal(actor=actor, role=user.role), csrf_token=csrf_token
    )


async def sign_out(db: Database, cookie: str) -> None:
    """The cookie is worth nothing any more."""
    await web_sessions.end(db, digest(cookie))


async def _note(db: Database, action: str, address: str | None, user: User | None) -> None:
    # What nobody is called may be a password, typed into the wrong field.
    who = f"user:{user.name}" if user else "nobody"
    deed = Deed(
        action=action,
        kind="user",
        object_id=user.id if user else None,
        object_name=user.name if user else "",
    )
    await audit.record(db, deed, actor=Actor(name=who, via="page", address=address))
