"""Ends a run because its worker ends, and has the run of a task retried elsewhere."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.runner._control_channel import ControlChannel, ControlSignalStatus
from prefect.runner._process_manager import ProcessManager

from netstacks_tasks.sync.flow_runs import FlowRuns, SeenRun, seen
from netstacks_tasks.sync.janitor import Patience, Verdict, mend, verdict

logger = logging.getLogger(__name__)

_AGAIN: Final = frozenset({"retry", "resume", "resubmit"})
_AGREE_SECONDS: Final = 3.0
"""For a process that has just been forked: it cannot hear yet."""
_LOOK_SECONDS: Final = 0.1
_GONE: Final = "The worker was stopped, and with it the run's process."


async def stop_run(
    run_id: UUID,
    *,
    client: PrefectClient,
    control: ControlChannel,
    processes: ProcessManager,
    seconds: float,
) -> None:
    """End the process of a run, which has so long to record that.

    By itself the process would have the run crash, whatever attempts are left.
    Where Prefect does not answer it does; what it cannot say either the sync
    finds by the run's lock.

    Args:
        run_id: of a run that has a process here.
        client: of Prefect.
        control: to tell the process who says how the run goes on.
        processes: of the worker.
        seconds: until it is killed.
    """
    again = False
    try:
        again = _decision(await _read(client, run_id)) in _AGAIN and (
            await _agreed(run_id, control, processes)
        )
    except Exception as error:
        logger.warning("run %s is ended without a retry: %s", run_id, type(error).__name__)
    await processes.kill(run_id, seconds)
    if not again:
        return
    try:
        run = await _read(client, run_id)
        if run is not None and (decision := _decision(run)) != "alive":
            await mend(FlowRuns.to_mend(client), run, decision, datetime.now(UTC), gone=_GONE)
    except Exception as error:
        logger.warning("run %s is left to the sync: %s", run_id, type(error).__name__)


async def _agreed(run_id: UUID, control: ControlChannel, processes: ProcessManager) -> bool:
    """Whether the process leaves it to us how the run goes on."""
    until = time.monotonic() + _AGREE_SECONDS
    while processes.get(run_id) is not None and time.monotonic() < until:
        answer = await control.signal(run_id, "reschedule")
        if answer is not ControlSignalStatus.NOT_ACKNOWLEDGED:
            return answer is ControlSignalStatus.ACKNOWLEDGED
        await asyncio.sleep(_LOOK_SECONDS)
    return False


async def _read(client: PrefectClient, run_id: UUID) -> SeenRun | None:
    """None: it is no task's."""
    return seen(await client.read_flow_run(run_id))


def _decision(run: SeenRun | None) -> Verdict:
    if run is None or run.is_final:
        return "alive"
    return verdict(run, alive=False, unlocked_for=timedelta.max, patience=Patience())
