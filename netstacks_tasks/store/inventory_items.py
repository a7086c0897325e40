"""What the inventory holds beside devices, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue

from netstacks_tasks.models.ids import (
    CredentialId,
    DeviceId,
    GroupId,
    ScriptId,
    StackId,
    StackInstanceId,
)
from netstacks_tasks.models.inventory import Device, Value

Variables = dict[str, JsonValue]


class Credential(Value):
    """Where the secrets of a login are: the name of a Prefect block."""

    id: CredentialId
    name: str
    block_name: str
    """Of a document of type `netstacks-device-credentials`."""


class DeviceGroup(Value):
    """A named set of devices; who belongs to it is said by the devices."""

    id: GroupId
    name: str
    description: str = ""


class Script(Value):
    """A stored script for `custom_script` tasks."""

    id: ScriptId
    name: str
    interpreter: Literal["python", "bash"] = "python"
    body: str


class Stack(Value):
    """A set of templates in its newest version; a change makes the next version."""

    id: StackId
    name: str
    description: str = ""
    version: int = Field(default=1, ge=1)
    templates: Annotated[dict[str, str], Field(min_length=1)]
    """Jinja2 texts by name."""
    variables: Variables = Field(default_factory=dict)


class StackMember(Value):
    """A device of a stack instance."""

    device_id: DeviceId
    variables: Variables = Field(default_factory=dict)


class StackInstance(Value):
    """A version of a stack with the devices and the variables it is deployed with."""

    id: StackInstanceId
    name: str
    stack_id: StackId
    version: int = Field(ge=1)
    variables: Variables = Field(default_factory=dict)
    devices: tuple[StackMember, ...] = ()
    """In the order in which they are deployed."""


Item = Credential | DeviceGroup | Device | Script | Stack | StackInstance
Kind = Literal["credential", "device group", "device", "script", "stack", "stack instance"]

KINDS: Final[Mapping[Kind, type[Item]]] = {
    # In the order in which they refer to each other.
    "credential": Credential,
    "device group": DeviceGroup,
    "device": Device,
    "script": Script,
    "stack": Stack,
    "stack instance": StackInstance,
}


def kind_of(item: Item) -> Kind:
    """The word for it in messages."""
    return next(kind for kind, made in KINDS.items() if type(item) is made)
