"""What an experienced colleague says beside a form that is not finished yet."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from netstacks_tasks.models.cron import check_cron
from netstacks_tasks.store import choices
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory import as_id
from netstacks_tasks.web.forms.values import first_spec


async def device_count(db: Database, parameters: Mapping[str, Any]) -> int | None:
    """How many devices the task will work on; None as long as that cannot be told."""
    keys = {
        name: as_id(str(parameters[name]))
        for name in ("target_id", "stack_instance_id", "credential_id")
        if parameters.get(name)
    }
    if target := keys.get("target_id"):
        grouped = parameters.get("target_type") == "device_group"
        wanted: dict[str, UUID | None] = {"group_id" if grouped else "device_id": target}
    elif instance := keys.get("stack_instance_id"):
        wanted = {"stack_instance_id": instance}
    elif parameters["type"] == "health_check" and (credential := keys.get("credential_id")):
        wanted = {"credential_id": credential}
    elif parameters["type"] == "agent_task":
        wanted = {}
    else:
        return None
    return await choices.count_targets(db, **wanted)


def guidance(document: Mapping[str, Any], devices: int | None) -> tuple[str, ...]:
    """`TaskSpec.guidance`, of a document that may be wrong in many places yet."""
    spec = first_spec(document["task_type"])
    known: dict[str, Any] = {}
    if isinstance(seconds := document.get("timeout_seconds"), int):
        known["timeout_seconds"] = seconds
    with suppress(ValueError):
        known["cron_expression"] = check_cron(document["cron_expression"])
    return spec.model_copy(update=known).guidance(devices)
