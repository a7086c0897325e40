"""What is there while the API is fuzzed: things of the names that its description shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import api_tokens, inventory_changes, runs, snapshots, users
from netstacks_tasks.store.inventory_items import Item
from tests.integration.api import world
from tests.integration.store import samples
from tests.served import Served

_NAME: Final = "core"


async def fill(site: Served) -> None:
    """An item of every kind, a task of every type, a run, a version, a user and a token."""
    db = site.netstacks.db
    await world.fill(db)
    device = _named(samples.R1)
    assert isinstance(device, Device)
    items = (samples.LOGIN, samples.SCRIPT, samples.STACK, samples.INSTANCE)
    await inventory_changes.save(db, (device, *(_named(one) for one in items)))
    await users.create(db, _NAME, "viewer", "no password has this hash")
    await api_tokens.create(db, _NAME, "viewer", b"no token has this digest", None)
    async with site.api("operator") as client:
        for example in world.EXAMPLES:
            (await client.post("tasks", json=example)).raise_for_status()
        description = (await client.get("openapi.json")).json()
        shown = await client.get(f"tasks/{world.EXAMPLES[1]['name']}")
    task_id = TaskId(UUID(shown.json()["id"]))
    run_id = RunId(_example(description, "run_id"))
    now = datetime.now(UTC)
    await runs.upsert_run(db, run_id, task_id, trigger="manual", scheduled_for=now)
    text = "hostname core\n"
    made, _ = await snapshots.keep(
        db,
        device=device,
        task_id=task_id,
        run_id=run_id,
        destination="nightly",
        source="running",
        content=text,
        normalised=text,
    )
    async with db.transaction() as connection:
        await connection.execute(
            "UPDATE config_snapshots SET id = %s WHERE id = %s",
            (_example(description, "snapshot_id"), made),
        )


def _example(description: dict[str, Any], parameter: str) -> UUID:
    """The id that the description shows."""
    return next(
        UUID(one["schema"]["examples"][0])
        for path in description["paths"].values()
        for operation in path.values()
        for one in operation.get("parameters", [])
        if one["name"] == parameter
    )


def _named(item: Item) -> Item:
    return item.model_copy(update={"name": _NAME})
