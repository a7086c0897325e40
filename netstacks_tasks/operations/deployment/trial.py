"""What a deployment would want in force on each device; no device is touched."""

from __future__ import annotations

from collections.abc import Sequence

import anyio.to_thread

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.stack_rendering import Member, Rendered, render_all
from netstacks_tasks.models.stack_templates import StackTemplates
from netstacks_tasks.models.stack_variables import with_secrets
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import StackInstance
from netstacks_tasks.store.stack_members import members_of


async def trial(
    db: Database, instance: StackInstance, device: str | None = None
) -> Sequence[Rendered]:
    """Render an instance's templates, with `<secret NAME>` for what Secret blocks hold.

    Args:
        db: the database.
        instance: of a stack.
        device: only for the device of this name.

    Raises:
        NotFound: the instance has no such device, or no device at all.
    """
    stack, members = await members_of(db, instance)
    shown = [
        Member(
            device=one.device,
            variables=with_secrets(one.variables, lambda name: f"<secret {name}>"),
        )
        for one in members
        if device in {None, one.device.name}
    ]
    if not shown:
        raise NotFound("device of the stack instance", device)
    # A large stack takes seconds, and others are waiting.
    return await anyio.to_thread.run_sync(
        render_all, StackTemplates(stack.templates), shown, instance.mode
    )
