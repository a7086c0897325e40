"""The inventory that the example tasks name, and requests of tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from netstacks_tasks.models.ids import CredentialId, DeviceId, GroupId, StackInstanceId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import inventory_changes
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import (
    Credential,
    DeviceGroup,
    StackInstance,
    StackMember,
)
from tests.integration.store.samples import EVERYTHING, R1, STACK, uid

EXAMPLES: Final[list[dict[str, Any]]] = [
    json.loads(file.read_text())
    for file in sorted((Path(__file__).parents[2] / "examples").glob("*.json"))
]
CORE: Final = "a1b2c3d4-5678-9abc-def0-123456789abc"
LOGIN: Final = "b2c3d4e5-6789-abcd-ef01-234567890bcd"
INSTANCE: Final = "c3d4e5f6-7890-bcde-f012-345678901cde"


async def fill(db: Database) -> None:
    """What the examples name, besides the samples of the store's tests."""
    await inventory_changes.save(
        db,
        (
            *EVERYTHING,
            Credential(id=CredentialId(UUID(LOGIN)), name="core-login", block_name="core-login"),
            DeviceGroup(id=GroupId(UUID(CORE)), name="core-routers"),
            Device(
                id=DeviceId(uid("core-rtr-01")),
                name="core-rtr-01",
                host="127.0.0.1",
                platform="ios",
                groups=("core-routers",),
                credential_id=CredentialId(UUID(LOGIN)),
            ),
            StackInstance(
                id=StackInstanceId(UUID(INSTANCE)),
                name="access-vlans",
                stack_id=STACK.id,
                version=1,
                devices=(StackMember(device_id=R1.id),),
            ),
        ),
    )


def backup(name: str, **more: object) -> dict[str, Any]:
    """A request to make a backup task."""
    return {
        "name": name,
        "task_type": "backup",
        "cron_expression": "0 2 * * *",
        "parameters": {
            "type": "backup",
            "target_type": "device_group",
            "target_id": CORE,
            "destination": "nightly",
        },
        **more,
    }
