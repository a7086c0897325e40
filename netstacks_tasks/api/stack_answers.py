"""Stacks and their instances as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from netstacks_tasks.api.pages import Page
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.rollout import ConfigMode, PostCheck
from netstacks_tasks.models.stack_rendering import Rendered
from netstacks_tasks.store.inventory_items import Stack, StackInstance, Variables


class StackSummary(Value):
    """A stack without its templates' texts."""

    id: UUID = Field(description="For ever the same.")
    name: str = Field(description="Shown to people; no other stack has it.")
    description: str = Field(description="What it is for.")
    version: int = Field(description="The newest.")
    templates: tuple[str, ...] = Field(description="Their names.")

    @classmethod
    def of(cls, stack: Stack) -> Self:
        """A stack as it is kept."""
        return cls(
            id=stack.id,
            name=stack.name,
            description=stack.description,
            version=stack.version,
            templates=tuple(sorted(stack.templates)),
        )


class StackAnswer(Value):
    """A stack in one of its versions."""

    id: UUID = Field(description="For ever the same.")
    name: str = Field(description="Shown to people; no other stack has it.")
    description: str = Field(description="What it is for.")
    version: int = Field(description="Counted from 1.")
    templates: dict[str, str] = Field(description="Jinja2 texts by name.")
    variables: Variables = Field(
        description='Defaults; `{"secret_block": "NAME"}` stands for a Secret block of Prefect.'
    )

    @classmethod
    def of(cls, stack: Stack) -> Self:
        """A stack as it is kept."""
        return cls.model_validate(stack.model_dump())


class StackPage(Page):
    """Stacks by name."""

    items: tuple[StackSummary, ...] = Field(description="In this order.")


class StackVersionAnswer(Value):
    """A version of a stack."""

    version: int = Field(description="Counted from 1.")
    created_at: datetime = Field(description="When it was saved, in UTC.")


class StackVersions(Value):
    """The versions of a stack, the newest first."""

    items: tuple[StackVersionAnswer, ...] = Field(description="In this order.")


class InstanceSummary(Value):
    """A stack instance by its name."""

    id: UUID = Field(description="For ever the same.")
    name: str = Field(description="Shown to people; no other instance has it.")
    stack_id: UUID = Field(description="Of the stack.")
    stack: str = Field(description="The stack's name.")
    version: int = Field(description="Of the stack.")
    mode: ConfigMode = Field(description="Add to what a device holds, or replace all of it.")
    device_count: int = Field(description="How many devices it goes to.")

    @classmethod
    def of(cls, instance: StackInstance, stack: str) -> Self:
        """An instance as it is kept, and its stack's name."""
        return cls(
            id=instance.id,
            name=instance.name,
            stack_id=instance.stack_id,
            stack=stack,
            version=instance.version,
            mode=instance.mode,
            device_count=len(instance.devices),
        )


class InstanceLayer(Value):
    """Variables of a device group."""

    group_id: UUID = Field(description="Of the group.")
    variables: Variables = Field(description="Of its devices.")


class InstanceMember(Value):
    """A device of a stack instance."""

    device_id: UUID = Field(description="Of the device.")
    variables: Variables = Field(description="Of this device alone.")


class InstanceAnswer(Value):
    """A version of a stack with the devices it goes to."""

    id: UUID = Field(description="For ever the same.")
    name: str = Field(description="Shown to people; no other instance has it.")
    stack_id: UUID = Field(description="Of the stack.")
    version: int = Field(description="Of the stack.")
    variables: Variables = Field(description="Over those of the stack.")
    groups: tuple[InstanceLayer, ...] = Field(description="A later one's variables win.")
    devices: tuple[InstanceMember, ...] = Field(
        description="In the order in which they are deployed."
    )
    mode: ConfigMode = Field(description="Add to what a device holds, or replace all of it.")
    canaries: int = Field(description="Devices that go first, and must succeed.")
    batch_size: int = Field(description="Devices at once after that.")
    max_failures: int = Field(description="Failed devices after which none is begun.")
    post_checks: tuple[PostCheck, ...] = Field(description="What a changed device has to pass.")
    save: bool = Field(description="Whether the change lasts over the next boot.")

    @classmethod
    def of(cls, instance: StackInstance) -> Self:
        """An instance as it is kept."""
        return cls.model_validate(instance.model_dump())


class InstancePage(Page):
    """Stack instances by name."""

    items: tuple[InstanceSummary, ...] = Field(description="In this order.")


class RenderedAnswer(Value):
    """What a deployment would want in force on one device."""

    device: str = Field(description="Its name.")
    text: str | None = Field(description="The configuration; null when it cannot be rendered.")
    error: str | None = Field(description="Why it cannot be; names the template and the line.")

    @classmethod
    def of(cls, rendered: Rendered) -> Self:
        """What was rendered, or the fault."""
        fault = rendered.fault
        return cls(
            device=rendered.device.name,
            text=rendered.text if fault is None else None,
            error=None if fault is None else fault.detail,
        )


class RenderedAnswers(Value):
    """The devices in the order of their deployment."""

    items: tuple[RenderedAnswer, ...] = Field(description="In this order.")
