"""One run of a task at a time, from its first attempt to its last.

Prefect calls the `on_running` hook before an attempt's timeout starts, so the
wait for the run before costs nothing of it. The lock stays with the process
over the pauses between attempts, and PostgreSQL lets go of it when the process
is gone: that is also how a dead run is told from a slow one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar
from uuid import UUID

import anyio
from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import flow_run_logger

from flows import _watchdog
from flows._blocks import load_database_url
from netstacks_tasks.ending import stopped
from netstacks_tasks.errors import NetstacksError, TaskBusy
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store.exclusion import TaskLock

T = TypeVar("T")

_RELEASE_SECONDS = 5

_held: dict[UUID, TaskLock] = {}


async def hold(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - a hook's signature
    """Take the task's lock for this run, waiting for the run before; keep it if held."""
    lock = _held.get(flow_run.id)
    if lock is not None and lock.held:
        return
    await let_go(flow_run)
    try:
        task_id = TaskId(UUID(str(flow_run.parameters.get("task_id"))))
    except ValueError:
        return  # the flow itself says what is wrong with it
    logger = flow_run_logger(flow_run)
    try:
        lock = TaskLock(await load_database_url(), task_id, RunId(flow_run.id))
        _held[flow_run.id] = lock
        if not await lock.try_acquire():
            logger.info("Waiting: another run of this task is not over yet")
            await lock.acquire()
    except NetstacksError as error:
        logger.warning("The task's lock could not be taken: %s", error)
        await let_go(flow_run)
    except BaseException:
        await let_go(flow_run)
        raise


async def while_held(run_id: UUID, work: Awaitable[T]) -> T:
    """Await the work; it is stopped, and its end awaited, when another run takes the lock.

    Raises:
        TaskBusy: the lock is not held, or not any more.
    """
    lock = _held.get(run_id)
    working = asyncio.ensure_future(work)
    if lock is None:
        working.cancel()
        raise TaskBusy("the task's lock is not held: see the warning above; nothing was done")
    losing = asyncio.ensure_future(lock.lost.wait())
    try:
        await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise TaskBusy(f"{lock.lost_because}; stopped so that the two do not work at once")
    finally:
        await stopped(losing, working)


async def let_go(flow_run: FlowRun) -> None:
    """Give the lock back."""
    lock = _held.pop(flow_run.id, None)
    if lock is not None:
        with anyio.move_on_after(_RELEASE_SECONDS, shield=True):
            await lock.release()


async def finish(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - a hook's signature
    """The run is over: give the lock back and see that the process ends."""
    await let_go(flow_run)
    if _watchdog.owns_process(flow_run.id):
        _watchdog.exit_within(_watchdog.GRACE_SECONDS)
