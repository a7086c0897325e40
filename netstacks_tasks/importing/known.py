"""What the inventory holds already."""

from __future__ import annotations

from uuid import UUID

from netstacks_tasks.importing.items import MODELS
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.store import inventory
from netstacks_tasks.store.database import Connection
from netstacks_tasks.store.inventory_items import Item


async def known_items(connection: Connection, registry: Registry) -> dict[UUID, Item]:
    """Every item by its id; the registry learns their names."""
    known: dict[UUID, Item] = {}
    for section, model in MODELS.items():
        for item in await inventory.read(connection, model):
            known[item.id] = item
            registry.add(section, item.id, item.name)
    return known
