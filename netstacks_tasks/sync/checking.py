"""Finds what somebody changed in Prefect by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.desired import Surroundings, TaskRow, desired
from netstacks_tasks.sync.plan import Confirm, owner, plan
from netstacks_tasks.sync.ports import DeploymentGateway

# One page of Prefect's answers, read back in half a second.
AT_ONCE: Final = 50


async def check_following(
    db: Database, gateway: DeploymentGateway, surroundings: Surroundings, after: TaskId | None
) -> tuple[list[TaskRow], int]:
    """Compare the deployments of the next few tasks with what their rows say.

    A row whose deployment is not as it was written is marked as not synced: the
    sync takes it up as it does an edit. Nothing is locked meanwhile; a row that
    changes under way is looked at once more, and that is all.

    Args:
        db: the task table.
        gateway: Prefect's deployments.
        surroundings: as those of the sync.
        after: the task, by the order of the ids, where the last call ended.

    Returns:
        the rows looked at, none behind the last one; and how many deployments
        are as they were written.

    Raises:
        PrefectUnavailable: Prefect does not answer.
        StoreUnavailable: PostgreSQL does not answer.
    """
    rows = await task_rows.following(db, after, limit=AT_ONCE)
    differing = await _differing(db, gateway, surroundings, rows)
    await task_rows.unmark(db, {row.id: row.synced_hash for row in differing})
    return rows, sum(row.synced_hash is not None for row in rows) - len(differing)


async def _differing(
    db: Database,
    gateway: DeploymentGateway,
    surroundings: Surroundings,
    rows: Sequence[TaskRow],
) -> list[TaskRow]:
    items = [item for row in rows if (item := desired(row, surroundings)) is not None]
    # What is not marked as synced is the sync's to do anyway.
    synced = {item.row.id: item for item in items if item.row.synced_hash == item.hash}
    if not synced:
        return []
    wanted = list(synced.values())
    found = await gateway.find(
        task_ids=list(synced),
        places=[item.place for item in wanted],
        ids=[item.row.deployment_id for item in wanted if item.row.deployment_id is not None],
    )
    known = await task_rows.known_deployments(db, [item.id for item in found])
    places = {item.place for item in wanted}
    installation = surroundings.installation
    actual = [item for item in found if item.place in places or owner(item, installation, known)[0]]
    todo = plan(wanted, actual, installation=installation, known=known)
    ids = {
        action.desired.row.id
        for action in todo.put
        if not isinstance(action, Confirm)
        or action.deployment_id != action.desired.row.deployment_id
    }
    ids |= {action.task_id for action in (*todo.clear, *todo.remove) if action.task_id in synced}
    return [synced[task_id].row for task_id in ids]
