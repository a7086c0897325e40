"""What a stack's run would stumble over, found before it is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.errors import Problem
from netstacks_tasks.importing.entries import Entry
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.stack_rendering import Member, render_all
from netstacks_tasks.models.stack_templates import StackTemplates
from netstacks_tasks.models.stack_variables import DEVICE, with_secrets
from netstacks_tasks.store.inventory_items import DeviceGroup, Item, Stack, StackInstance


def stack_problems(entry: Entry) -> Iterator[Problem]:
    """Templates that cannot be read, or are for a platform that there is not."""
    node = entry.fields.get("templates")
    texts = {} if node is None or node.fields is None else node.fields
    readable = {name: one.value for name, one in texts.items() if isinstance(one.value, str)}
    for name in readable:
        platform, slash, _ = name.partition("/")
        if slash and platform not in PLATFORMS:
            message = (
                f"template {name!r}: there is no platform {platform!r}; before the slash stands "
                f"one of {', '.join(sorted(PLATFORMS))}"
            )
            yield entry.problem("templates", message)
    for fault in StackTemplates(readable).faults():
        yield entry.problem("templates", str(fault))
    yield from _reserved(entry, "variables")


def instance_problems(
    entry: Entry, instance: StackInstance, known: Mapping[UUID, Item]
) -> Iterator[Problem]:
    """Devices that nothing can be deployed to, and what cannot be rendered for one."""
    yield from _reserved(entry, "variables")
    stack = known.get(instance.stack_id)
    names = {item.id: item.name for item in known.values() if isinstance(item, DeviceGroup)}
    # The templates of an older version were tried when it was the newest.
    current = isinstance(stack, Stack) and stack.version == instance.version
    to_render = []
    for member in instance.devices:
        device = known.get(member.device_id)
        if not isinstance(device, Device):
            continue
        platform = PLATFORMS.get(device.platform)
        if platform is not None and not platform.deployable:
            message = (
                f"nothing can be deployed to {device.name!r}, whose platform is {platform.name}"
            )
            yield entry.problem("devices", message)
        elif current and isinstance(stack, Stack):
            variables = instance.variables_of(stack, device, names)
            stand_ins = with_secrets(variables, lambda name: f"<{name}>")
            to_render.append(Member(device=device, variables=stand_ins))
    if to_render and isinstance(stack, Stack):
        for one in render_all(StackTemplates(stack.templates), to_render, instance.mode):
            if one.fault is not None:
                message = f"device {one.device.name!r}: {one.fault.detail}"
                yield entry.problem("variables", message)


def _reserved(entry: Entry, field: str) -> Iterator[Problem]:
    node = entry.fields.get(field)
    if node is not None and node.fields is not None and DEVICE in node.fields:
        message = f"the name {DEVICE!r} is taken: templates find the device itself there"
        yield entry.problem(field, message)
