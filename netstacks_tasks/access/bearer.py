"""Tokens of the API: made once, shown once, found by their digests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from netstacks_tasks.access.random_secrets import TOKEN_PREFIX, digest, new_token
from netstacks_tasks.errors import NotSignedIn
from netstacks_tasks.models.access import Actor, ApiToken, Principal, Role
from netstacks_tasks.store import api_tokens
from netstacks_tasks.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token, this once with its text."""

    token: ApiToken
    text: str = field(repr=False)


async def issue(
    db: Database, name: str, role: Role, expires_at: datetime | None = None
) -> NewToken:
    """Make a token.

    Raises:
        InvalidInput: the name is taken.
    """
    text = new_token()
    kept = await api_tokens.create(db, name, role, digest(text), expires_at)
    return NewToken(token=kept, text=text)


async def bearer(db: Database, authorization: str | None, address: str | None) -> Principal:
    """Who sends this `Authorization` header.

    Raises:
        NotSignedIn: there is none, or its token is not one of ours, or not any more.
    """
    scheme, _, text = (authorization or "").partition(" ")
    text = text.strip()
    if scheme.casefold() != "bearer" or not text:
        raise NotSignedIn("send the header `Authorization: Bearer TOKEN`")
    found = await api_tokens.of_digest(db, digest(text)) if text.startswith(TOKEN_PREFIX) else None
    if found is None:
        raise NotSignedIn("the token is not known, was revoked, or has run out")
    actor = Actor(name=f"token:{found.name}", via="api", address=address)
    return Principal(actor=actor, role=found.role)
