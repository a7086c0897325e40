"""What a client sends of credentials, users and tokens.

They are read here, not by the framework: its errors could quote a secret.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.config import JsonDict

from netstacks_tasks.access.passwords import LONGEST, SHORTEST
from netstacks_tasks.api.parameters import Moment
from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.models.access import AccountName, Role
from netstacks_tasks.models.documents import read_document

T = TypeVar("T", bound=BaseModel)

_SECRET: Final[JsonDict] = {"format": "password", "writeOnly": True}
Authentication = Literal["none", "md5", "sha", "sha224", "sha256", "sha384", "sha512"]
Privacy = Literal["none", "des", "3des", "aes128", "aes192", "aes256"]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, strict=True)


class CredentialDocument(_Document):
    """The login of devices, and of their SNMP: either its fields, or a block that has them."""

    model_config = ConfigDict(title="NewCredential")

    id: UUID | None = Field(default=None, description="A new one when it is left out.")
    name: str = Field(
        min_length=1,
        max_length=200,
        description="Shown to people; no other credential has it.",
    )
    block: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="A block of Prefect's that has the secrets; then no other field is given.",
    )
    username: str | None = Field(
        default=None, min_length=1, max_length=255, description="To log in with over SSH."
    )
    password: str | None = Field(
        default=None,
        json_schema_extra=_SECRET,
        description="To log in with; not needed with a private key.",
    )
    private_key: str | None = Field(
        default=None, json_schema_extra=_SECRET, description="To log in with, as OpenSSH or PEM."
    )
    private_key_passphrase: str | None = Field(
        default=None, json_schema_extra=_SECRET, description="Of the private key."
    )
    enable_secret: str | None = Field(
        default=None, json_schema_extra=_SECRET, description="Of the privileged mode."
    )
    snmp_community: str | None = Field(
        default=None, json_schema_extra=_SECRET, description="The read community of SNMP v2c."
    )
    snmp_user: str | None = Field(default=None, description="The user name of SNMP v3.")
    snmp_auth_protocol: Authentication = Field(
        default="none", description="How SNMP v3 messages are authenticated."
    )
    snmp_auth_key: str | None = Field(
        default=None, json_schema_extra=_SECRET, description="Of SNMP v3 authentication."
    )
    snmp_priv_protocol: Privacy = Field(
        default="none", description="How SNMP v3 messages are encrypted."
    )
    snmp_priv_key: str | None = Field(
        default=None, json_schema_extra=_SECRET, description="Of SNMP v3 encryption."
    )


class UserDocument(_Document):
    """Somebody who may sign in to the page."""

    model_config = ConfigDict(title="NewUser")

    name: AccountName = Field(description="To sign in with; no spaces.", examples=["anna"])
    role: Role = Field(description="What they may do.")
    password: str = Field(
        min_length=SHORTEST,
        max_length=LONGEST,
        json_schema_extra=_SECRET,
        description="To sign in with.",
    )


class UserChanges(_Document):
    """Another role, another password, or both."""

    role: Role | None = Field(default=None, description="What they may do.")
    password: str | None = Field(
        default=None,
        min_length=SHORTEST,
        max_length=LONGEST,
        json_schema_extra=_SECRET,
        description="To sign in with.",
    )


class TokenDocument(_Document):
    """What a program is to show to the API."""

    model_config = ConfigDict(title="NewToken")

    name: AccountName = Field(description="Of the program; no spaces.", examples=["ci"])
    role: Role = Field(description="What it may do.")
    expires_in_days: int | None = Field(
        default=None, ge=1, le=3650, description="After so many days it is refused."
    )
    expires_at: Moment | None = Field(
        default=None,
        strict=False,
        description="From then on it is refused. Neither of the two: never.",
    )

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.expires_in_days is not None and self.expires_at is not None:
            raise ValueError("give expires_in_days or expires_at, not both")
        if self.expires_at is not None and self.expires_at <= datetime.now(UTC):
            raise ValueError("expires_at has passed: give a later time")
        return self

    @property
    def end(self) -> datetime | None:
        """When it runs out; None: never."""
        if self.expires_in_days is not None:
            return datetime.now(UTC) + timedelta(days=self.expires_in_days)
        return self.expires_at


def parsed(model: type[T], body: bytes) -> T:
    """A body as what it is meant to be; no message repeats a value of it.

    Null is the same as left out, as it is elsewhere.

    Raises:
        InvalidInput: it is no such thing; one problem for each fault.
    """
    document = {name: one for name, one in read_document(body).items() if one is not None}
    try:
        # Of JSON, so that ids are texts and numbers are not.
        return model.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise InvalidInput(
            [
                Problem(
                    field=".".join(str(part) for part in fault["loc"]),
                    message=fault["msg"].removeprefix("Value error, "),
                )
                for fault in error.errors(include_input=False, include_url=False)
            ]
        ) from None
