"""Who may do what."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Any, Final, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, Field, StrictStr

from netstacks_tasks.models.inventory import Value

Role = Literal["viewer", "operator", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""Each may what those before it may: look; change and run tasks; manage access and credentials."""
Via = Literal["page", "api", "cli", "python", "database"]


def may(role: Role, needed: Role) -> bool:
    """Whether a role suffices."""
    return ROLES.index(role) >= ROLES.index(needed)


def _check_account_name(name: str) -> str:
    if name != name.strip() or any(unicodedata.category(one)[0] in "CZ" for one in name):
        raise ValueError("must not hold spaces or invisible characters: remove them")
    return name


AccountName = Annotated[
    StrictStr, Field(min_length=1, max_length=100), AfterValidator(_check_account_name)
]
"""Of a user or a token."""


class Actor(Value):
    """Whoever does something, as the audit log names them."""

    name: str
    """`user:anna`, `token:ci`, `cli:root`."""
    via: Via
    address: str | None = None
    """From where, when over the network."""


class Principal(Value):
    """Somebody who has shown who they are."""

    actor: Actor
    role: Role

    def may(self, needed: Role) -> bool:
        return may(self.role, needed)


class User(Value):
    """Somebody who may sign in to the page."""

    id: UUID
    name: AccountName
    role: Role
    created_at: datetime


class ApiToken(Value):
    """What a program sends to the API; the token itself is not kept."""

    id: UUID
    name: AccountName
    role: Role
    created_at: datetime
    expires_at: datetime | None = None
    """None: never."""
    last_used_at: datetime | None = None


class AuditEntry(Value):
    """Somebody did something."""

    id: int
    at: datetime
    actor: str
    via: str
    address: str | None = None
    action: str
    """`created`, `edited`, `deleted`, `run`, `cancelled`, `signed in`, ..."""
    kind: str
    """Of what: `task`, `device`, `user`, ..."""
    object_id: UUID | None = None
    object_name: str = ""
    changes: dict[str, Any] = Field(default_factory=dict)
    """`{field: [before, after]}`; secrets as `[null, null]`, long texts by their digests."""
