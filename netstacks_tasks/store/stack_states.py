"""What a stack instance left on each device, to be found again or not."""

from __future__ import annotations

from netstacks_tasks.models.ids import DeviceId, StackInstanceId
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query


async def left_as(
    db: Database, instance_id: StackInstanceId, device_id: DeviceId
) -> tuple[str, str] | None:
    """The hashes of what was rendered and of what the device then ran; none at first."""
    values = {"instance_id": instance_id, "device_id": device_id}
    async with db.connection() as connection:
        cursor = await connection.execute(query("stack_state"), values)
        row = await cursor.fetchone()
    return None if row is None else (row[0], row[1])


async def leave(
    db: Database, instance_id: StackInstanceId, device_id: DeviceId, rendered: str, running: str
) -> None:
    """Remember the hashes of what was rendered and of what the device runs."""
    values = {
        "instance_id": instance_id,
        "device_id": device_id,
        "rendered": rendered,
        "running": running,
    }
    async with db.transaction() as connection:
        await connection.execute(query("put_stack_state"), values)
