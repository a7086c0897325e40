"""Credentials, users, tokens and the audit log as the API shows them: never a secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from netstacks_tasks.access.bearer import NewToken
from netstacks_tasks.api.pages import Page
from netstacks_tasks.models.access import ApiToken, AuditEntry, Role, User
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.store.inventory_items import Credential


class CredentialAnswer(Value):
    """Where the secrets of a login are."""

    id: UUID = Field(description="For ever the same.")
    name: str = Field(description="Shown to people; no other credential has it.")
    block_name: str = Field(description="Of the block of Prefect's that has the secrets.")

    @classmethod
    def of(cls, credential: Credential) -> Self:
        """A credential as it is kept."""
        return cls.model_validate(credential.model_dump())


class CredentialPage(Page):
    """Credentials by name."""

    items: tuple[CredentialAnswer, ...] = Field(description="In this order.")


class UserAnswer(Value):
    """Somebody who may sign in to the page."""

    id: UUID = Field(description="For ever the same.")
    name: str = Field(description="To sign in with.")
    role: Role = Field(description="What they may do.")
    created_at: datetime = Field(description="In UTC.")

    @classmethod
    def of(cls, user: User) -> Self:
        """A user as they are kept."""
        return cls.model_validate(user.model_dump())


class UserPage(Page):
    """Users by name."""

    items: tuple[UserAnswer, ...] = Field(description="In this order.")


class TokenAnswer(Value):
    """What a program shows to the API; the token itself is not kept."""

    id: UUID = Field(description="For ever the same.")
    name: str = Field(description="Of the program.")
    role: Role = Field(description="What it may do.")
    created_at: datetime = Field(description="In UTC.")
    expires_at: datetime | None = Field(description="In UTC; null: never.")
    last_used_at: datetime | None = Field(description="In UTC, to a minute; null: never.")

    @classmethod
    def of(cls, token: ApiToken) -> Self:
        """A token as it is kept."""
        return cls.model_validate(token.model_dump())


class TokenPage(Page):
    """Tokens by name."""

    items: tuple[TokenAnswer, ...] = Field(description="In this order.")


class IssuedToken(TokenAnswer):
    """A new token, this once with its text."""

    token: str = Field(
        repr=False, description="Send it as `Authorization: Bearer TOKEN`; keep it now or never."
    )

    @classmethod
    def issued(cls, new: NewToken) -> Self:
        """A token that was made just now."""
        return cls.model_validate({**new.token.model_dump(), "token": new.text})


class AuditAnswer(Value):
    """Somebody did something."""

    id: int = Field(description="A later one is greater.")
    at: datetime = Field(description="When, in UTC.")
    actor: str = Field(description="`user:anna`, `token:ci`, `cli:root`, ...")
    via: str = Field(description="`page`, `api`, `cli`, `python`, `database`.")
    address: str | None = Field(description="From where, when over the network.")
    action: str = Field(description="`created`, `edited`, `deleted`, `run`, `signed in`, ...")
    kind: str = Field(description="Of what: `task`, `device`, `user`, ...")
    object_id: UUID | None = Field(description="Of which.")
    object_name: str = Field(description="What it is called.")
    changes: dict[str, Any] = Field(
        description="`{field: [before, after]}`; secrets as `[null, null]`, long texts by digests."
    )

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """An entry as it is kept."""
        return cls.model_validate(entry.model_dump())


class AuditPage(Value):
    """Entries that match, the latest first, a page of them."""

    items: tuple[AuditAnswer, ...] = Field(description="In this order.")
    limit: int = Field(description="How many a page has at most.")
    next_before: int | None = Field(
        description="`before` of the next page; null: this is the last one."
    )
