"""What the inventory holds beside devices, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, JsonValue

from netstacks_tasks.models.ids import (
    CredentialId,
    DeviceId,
    GroupId,
    ScriptId,
    StackId,
    StackInstanceId,
)
from netstacks_tasks.models.inventory import Device, Value
from netstacks_tasks.models.rollout import ConfigMode, PostCheck, Rollout
from netstacks_tasks.models.stack_variables import layered

Variables = dict[str, JsonValue]


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("name each check once")
    return names


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


class StackGroup(Value):
    """What a device group adds to the variables of a stack instance."""

    group_id: GroupId
    variables: Variables = Field(default_factory=dict)


class StackInstance(Value):
    """A version of a stack with the devices it is deployed to, the variables and the way.

    A variable's value is the one of the last layer that has it: the stack, the
    instance, the device's groups in the order given, the device.
    """

    id: StackInstanceId
    name: str
    stack_id: StackId
    version: int = Field(ge=1)
    variables: Variables = Field(default_factory=dict)
    groups: tuple[StackGroup, ...] = ()
    devices: tuple[StackMember, ...] = ()
    """In the order in which they are deployed."""
    mode: ConfigMode = "merge"
    canaries: int = Field(default=1, ge=0, le=1000)
    """Devices that go first; the rest waits for them and stays as it is when one fails."""
    batch_size: int = Field(default=10, ge=1, le=1000)
    """Devices at once after that; 1 is one after the other."""
    max_failures: int = Field(default=1, ge=1, le=1_000_000)
    """Failed devices after which no further one is begun."""
    post_checks: Annotated[
        tuple[PostCheck, ...],
        Field(max_length=3),
        AfterValidator(_each_once),
    ] = ()
    """Checks that a device has to pass after the change."""
    save: bool = True
    """Make the change last over the next boot."""

    def rollout(self, *, dry_run: bool) -> Rollout:
        """The way to its devices."""
        return Rollout(
            mode=self.mode,
            canaries=self.canaries,
            batch_size=self.batch_size,
            max_failures=self.max_failures,
            post_checks=self.post_checks,
            save=self.save,
            dry_run=dry_run,
        )

    def variables_of(
        self, stack: Stack, device: Device, group_names: Mapping[GroupId, str]
    ) -> Variables:
        """The variables of one of its devices: stack < instance < groups < device.

        Args:
            stack: in the version of the instance.
            device: a member.
            group_names: the names of the device groups by their ids.
        """
        member = next(one for one in self.devices if one.device_id == device.id)
        own = [
            one.variables for one in self.groups if group_names.get(one.group_id) in device.groups
        ]
        return layered([stack.variables, self.variables, *own, member.variables])


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
