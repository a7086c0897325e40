"""What a client sends of the inventory: the entries of a file to import.

These describe; the checks of an import say what is wrong.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.models.inventory import SnmpVersion
from netstacks_tasks.models.rollout import ConfigMode, PostCheck

Name = Annotated[
    str, Field(min_length=1, max_length=200, description="Shown to people; one of its kind.")
]
Id = Annotated[UUID | None, Field(description="One follows from the name when it is left out.")]
Reference = Annotated[str, Field(min_length=1, max_length=200)]
Variables = dict[str, JsonValue]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Id = None
    name: Name


class SnmpDocument(BaseModel):
    """How a device answers SNMP; the secrets are in its credential."""

    model_config = ConfigDict(extra="forbid", title="Snmp")

    version: SnmpVersion = "v2c"
    port: int = Field(default=161, ge=1, le=65535)


class DeviceDocument(_Document):
    """A network device."""

    model_config = ConfigDict(title="NewDevice")

    host: str = Field(description="IP address or host name.", examples=["192.0.2.1"])
    port: int = Field(default=22, ge=1, le=65535, description="Of SSH.")
    platform: str = Field(
        description="What it runs.", json_schema_extra={"enum": [*sorted(PLATFORMS)]}
    )
    site: str | None = Field(default=None, description="Where it stands, in your words.")
    groups: list[Reference] = Field(
        default_factory=list, description="Ids or names of the groups it belongs to."
    )
    credential: Reference | None = Field(
        default=None, description="Id or name of the credential to log in with."
    )
    snmp: SnmpDocument = Field(default=SnmpDocument(), description="How it answers SNMP.")
    options: dict[str, str | int | bool] = Field(
        default_factory=dict, description="Options of its driver; never secrets."
    )


class GroupDocument(_Document):
    """A set of devices; the devices say that they belong to it."""

    model_config = ConfigDict(title="NewGroup")

    description: str = Field(default="", description="What it is for.")


class ScriptDocument(_Document):
    """A stored script for `custom_script` tasks."""

    model_config = ConfigDict(title="NewScript")

    interpreter: Literal["python", "bash"] = Field(default="python", description="What runs it.")
    body: str = Field(description="The script's text.", examples=["print('hello')\n"])


class StackDocument(_Document):
    """A set of templates; other templates or variables make its next version."""

    model_config = ConfigDict(title="NewStack")

    description: str = Field(default="", description="What it is for.")
    templates: dict[str, str] = Field(
        min_length=1,
        description="Jinja2 texts by name; `ios/vlans` is for the platform `ios` alone, and one "
        "that begins with `_` is only included by others.",
    )
    variables: Variables = Field(
        default_factory=dict,
        description='Defaults; `{"secret_block": "NAME"}` stands for a Secret block of Prefect.',
    )


class MemberDocument(BaseModel):
    """A device of a stack instance."""

    model_config = ConfigDict(extra="forbid", title="Member")

    device: Reference = Field(description="Its id or name.")
    variables: Variables = Field(default_factory=dict, description="Of this device alone.")


class LayerDocument(BaseModel):
    """Variables of a device group."""

    model_config = ConfigDict(extra="forbid", title="Layer")

    group: Reference = Field(description="Its id or name.")
    variables: Variables = Field(default_factory=dict, description="Of the group's devices.")


class StackInstanceDocument(_Document):
    """A version of a stack with the devices it goes to."""

    model_config = ConfigDict(title="NewStackInstance")

    stack: Reference = Field(description="Id or name of the stack.")
    version: int | None = Field(
        default=None, ge=1, description="Of the stack; the newest when it is left out."
    )
    variables: Variables = Field(default_factory=dict, description="Over those of the stack.")
    groups: list[Reference | LayerDocument] = Field(
        default_factory=list, description="Groups with variables; a later one's win."
    )
    devices: list[Reference | MemberDocument] = Field(
        default_factory=list, description="In the order in which they are deployed."
    )
    mode: ConfigMode = Field(
        default="merge", description="Add to what a device holds, or replace all of it."
    )
    canaries: int = Field(
        default=1, ge=0, le=1000, description="Devices that go first, and must succeed."
    )
    batch_size: int = Field(default=10, ge=1, le=1000, description="Devices at once after that.")
    max_failures: int = Field(
        default=1, ge=1, le=1_000_000, description="Failed devices after which none is begun."
    )
    post_checks: list[PostCheck] = Field(
        default_factory=list, max_length=3, description="What a changed device has to pass."
    )
    save: bool = Field(default=True, description="Make the change last over the next boot.")
