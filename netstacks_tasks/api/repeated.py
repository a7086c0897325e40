"""Requests with an `Idempotency-Key`: what they make is made once."""

from __future__ import annotations

import hashlib

from fastapi import Response

from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import TaskSpec
from netstacks_tasks.store import idempotency, tasks
from netstacks_tasks.store.idempotency import Request
from netstacks_tasks.wiring import NetStacks


async def create(netstacks: NetStacks, spec: TaskSpec, asked: Request, response: Response) -> Task:
    """Make a task, or find the one that the same request has made.

    Raises:
        InvalidInput: the task is not right; or the key was sent with another
            request, or what it made is gone.
    """
    async with netstacks.db.transaction() as connection:
        claim = await idempotency.claim(connection, asked)
        if claim.object_id is None:
            task = await tasks.insert(connection, spec)
            await idempotency.settle(connection, asked, task.id)
            return task
    _mark(response)
    try:
        return await netstacks.task(TaskId(claim.object_id))
    except NotFound:
        raise InvalidInput.single(
            "Idempotency-Key", "the task that it made is deleted: use a new key for another one"
        ) from None


async def run(netstacks: NetStacks, task: Task, asked: Request, response: Response) -> RunId:
    """Start a run, or find the one that the same request has started.

    No connection is held while Prefect is asked. Who is cut off in between asks
    again with the key that Prefect knows, and gets the same run.

    Raises:
        InvalidInput: the key was sent with another request.
        SyncError: Prefect does not answer, or refuses.
    """
    async with netstacks.db.transaction() as connection:
        claim = await idempotency.claim(connection, asked)
    if claim.object_id is not None:
        _mark(response)
        return RunId(claim.object_id)
    # With its time: after a day the same key means another run.
    parts = (asked.owner, asked.key, str(task.id), claim.created_at.isoformat())
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    run_id = await netstacks.run_now(task.id, idempotency_key=f"netstacks-api-{key}")
    async with netstacks.db.transaction() as connection:
        await idempotency.settle(connection, asked, run_id)
    return run_id


def _mark(response: Response) -> None:
    response.headers["Idempotency-Replayed"] = "true"
