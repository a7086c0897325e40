"""The devices of a stack instance with the variables that their templates see."""

from __future__ import annotations

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.stack_rendering import Member
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory import devices, find, stack_version
from netstacks_tasks.store.inventory_items import DeviceGroup, Stack, StackInstance


async def members_of(db: Database, instance: StackInstance) -> tuple[Stack, list[Member]]:
    """The stack in the instance's version, and the members in the order of deployment.

    Variables that name a Secret block still do.

    Raises:
        NotFound: the stack has no such version.
    """
    stack = await stack_version(db, instance.stack_id, instance.version)
    names = {group.id: group.name for group in await find(db, DeviceGroup)}
    known = {DeviceId(device.id): device for device in await devices(db)}
    members = [
        Member(device=device, variables=instance.variables_of(stack, device, names))
        for one in instance.devices
        if (device := known.get(one.device_id)) is not None
    ]
    return stack, members
