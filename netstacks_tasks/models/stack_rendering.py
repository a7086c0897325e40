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
from netstacks_tasks.models.template_process import Job, rendered


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
    known = [one for one in members if templates.names_for(one.device.platform)]
    answers = iter(rendered(templates, [_job(one) for one in known]))
    found = []
    for member in members:
        device = member.device
        try:
            if not templates.names_for(device.platform):
                message = f"no template of the stack is for the platform {device.platform!r}"
                raise DeviceError(device.name, "render", "template", message)
            text = _accepted(device, next(answers), mode)
        except DeviceError as error:
            found.append(Rendered(device=device, fault=error))
        else:
            found.append(Rendered(device=device, text=text))
    return found


def render(templates: StackTemplates, member: Member, mode: ConfigMode) -> str:
    """The configuration of one device.

    Raises:
        DeviceError: stage `render`; names the template and the line.
    """
    one = render_all(templates, [member], mode)[0]
    if one.fault is not None:
        raise one.fault
    return one.text


def _job(member: Member) -> Job:
    device = member.device
    own = {
        "name": device.name,
        "host": device.host,
        "platform": device.platform,
        "site": device.site,
        "groups": list(device.groups),
    }
    return Job(platform=device.platform, variables={**member.variables, DEVICE: own})


def _accepted(device: Device, answer: str | TemplateFault, mode: ConfigMode) -> str:
    if isinstance(answer, TemplateFault):
        raise DeviceError(device.name, "render", "template", str(answer)) from answer
    if mode == "replace" and not answer.strip():
        message = "the templates rendered nothing, which would replace the whole configuration"
        raise DeviceError(device.name, "render", "template", message)
    return answer
