"""Renders a stack for each device before any device is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from netstacks_tasks.errors import DeviceError, TemplateFault
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.rollout import ConfigMode
from netstacks_tasks.models.stack_templates import StackTemplates
from netstacks_tasks.models.stack_variables import DEVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A device of a stack instance with its own variables, layered."""

    device: Device
    variables: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What is to be in force on a device, or why nothing could be rendered."""

    device: Device
    text: str = ""
    fault: DeviceError | None = None


def render_all(
    templates: StackTemplates, members: Sequence[Member], mode: ConfigMode
) -> list[Rendered]:
    """The configuration of each member, in their order; a fault is that device's alone."""
    rendered = []
    for member in members:
        try:
            text = render(templates, member, mode)
        except DeviceError as error:
            rendered.append(Rendered(device=member.device, fault=error))
        else:
            rendered.append(Rendered(device=member.device, text=text))
    return rendered


def render(templates: StackTemplates, member: Member, mode: ConfigMode) -> str:
    """The configuration of one device.

    Raises:
        DeviceError: stage `render`; names the template and the line.
    """
    device = member.device
    if not templates.names_for(device.platform):
        message = f"no template of the stack is for the platform {device.platform!r}"
        raise DeviceError(device.name, "render", "template", message)
    own = {
        "name": device.name,
        "host": device.host,
        "platform": device.platform,
        "site": device.site,
        "groups": list(device.groups),
    }
    try:
        text = templates.render({**member.variables, DEVICE: own}, platform=device.platform)
    except TemplateFault as fault:
        raise DeviceError(device.name, "render", "template", str(fault)) from fault
    if mode == "replace" and not text.strip():
        message = "the templates rendered nothing, which would replace the whole configuration"
        raise DeviceError(device.name, "render", "template", message)
    return text
