"""What every flow does around its operation: load, gate, record, report."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import anyio
from prefect import get_client, get_run_logger
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.states import Cancelled

from flows import _ending, _exclusion, _gate, _watchdog
from flows._artifacts import publish
from flows._blocks import load_database_url
from flows._changed import tell_changed
from flows._history import BlockCredentials, RunRecorder
from flows._progress import RunProgress
from flows._report import Diff
from flows._settings import SETTINGS
from flows._tracing import tell_task
from netstacks_tasks import private_memory
from netstacks_tasks.errors import (
    InvalidInput,
    NetstacksError,
    NotFound,
    RunFailed,
    RunTimedOut,
)
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.parameters import AgentTaskParameters, CustomScriptParameters
from netstacks_tasks.models.printable import PrintableLog
from netstacks_tasks.models.result import DeviceResult, TaskResult
from netstacks_tasks.models.task import Task
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.deadline import Deadline, reserve
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store import inventory, runs, tasks
from netstacks_tasks.store.config_keys import sealing_of
from netstacks_tasks.store.database import Database

Logger = logging.Logger | logging.LoggerAdapter[Any]
AttemptOutcome = Literal["completed", "failed", "timed_out", "crashed", "cancelled"]

_RECORD_SECONDS = 5
"""For each of the last steps of an attempt that was cancelled."""

_PRINTABLE = PrintableLog()
_TOLD_TO_END = "the run's process was told to end"


@dataclass(frozen=True, slots=True)
class Clock:
    """When an attempt began, and how many seconds Prefect gives it."""

    began: float
    timeout: float

    @property
    def end(self) -> float:
        return self.began + self.timeout


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything an operation needs of the run it belongs to."""

    id: RunId
    task: Task
    db: Database
    devices: Sequence[Device]
    earlier: Sequence[DeviceResult]
    """What earlier attempts of this run found."""
    attempt: Attempt
    credentials: BlockCredentials
    redactor: Redactor
    recorder: RunRecorder
    watcher: RunProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an operation found, and what it has to show."""

    result: TaskResult = field(default_factory=lambda: TaskResult(results=()))
    diffs: Sequence[Diff] = ()
    markdown: str | None = None
    """Instead of the report on the results, for an operation that is not per device."""
    fault: str = ""
    """Why the run failed as a whole; told once everything is published."""
    timed_out: bool = False
    """The fault is that the attempt's time was over."""


Operation = Callable[[Run], Awaitable[Outcome]]


async def run_task(task_id: str, operation: Operation) -> State[Any] | None:
    """Run a task's operation as one attempt of the current flow run.

    Returns:
        a final state when there was nothing to do (the task is gone or off, or
        its time was missed); none when it was done.

    Raises:
        RunFailed: more devices failed than the task allows.
        NetstacksError: the run could not be done at all.
    """
    # Before any secret is loaded: whatever worker started this process may not have seen to it.
    private_memory.keep()
    clock = Clock(time.monotonic(), _timeout())
    flow_run = _flow_run()
    with _guarded(flow_run.id, clock), _ending.in_order():
        async with Database.open(
            await load_database_url(), migrate=False, sealing=sealing_of(SETTINGS.config_key_file)
        ) as db:
            try:
                task = await tasks.get(db, TaskId(UUID(task_id)))
            except (ValueError, NotFound):
                message = f"there is no task {task_id}: it was deleted; nothing was done"
                return Cancelled(name="Deleted", message=message)
            refused = await _gate.refuse(db, task, flow_run)
            if refused is not None:
                return refused
            await _name(flow_run, task)
            async with recorded_attempt(db, flow_run, clock):
                await _attempt(db, task, flow_run, operation, clock)
    return None


def _flow_run() -> FlowRun:
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("a task's flow runs inside a flow run")
    return context.flow_run


def _timeout() -> float:
    """The limit that Prefect enforces on the attempt, in seconds."""
    context = FlowRunContext.get()
    limit = None if context is None or context.flow is None else context.flow.timeout_seconds
    return limit or SETTINGS.task_timeout_seconds


def _guarded(run_id: UUID, clock: Clock) -> AbstractContextManager[None]:
    if not _watchdog.owns_process(run_id):
        return nullcontext()
    return _watchdog.killing_after(clock.timeout + _watchdog.GRACE_SECONDS)


async def _attempt(
    db: Database, task: Task, flow_run: FlowRun, operation: Operation, clock: Clock
) -> None:
    logger = get_run_logger(task_id=str(task.id))
    run_id = RunId(flow_run.id)
    redactor = Redactor()
    devices = await inventory.targets_of(db, task)
    if not devices and _needs_devices(task):
        raise InvalidInput.single("target", "the task's target holds no device; add one to it")
    credentials = BlockCredentials(
        db, redactor, getattr(task.spec.parameters, "credential_id", None)
    )
    await credentials.preload(list(devices))
    earlier = await runs.results(db, run_id)
    kept = reserve(clock.timeout)
    run = Run(
        id=run_id,
        task=task,
        db=db,
        devices=devices,
        earlier=earlier,
        attempt=Attempt(
            number=flow_run.run_count,
            deadline=Deadline(clock.end - kept),
            settle_by=Deadline(clock.end - kept / 2),
            device_timeout=SETTINGS.device_timeout_seconds,
            limits=SETTINGS.limits,
        ),
        credentials=credentials,
        redactor=redactor,
        recorder=RunRecorder(db, run_id),
        watcher=RunProgress(logger),
    )
    # Here, and not for each of those who log: every message of the run goes through it.
    logging.getLogger("prefect.flow_runs").addFilter(_PRINTABLE)
    logger.info("%s: %d devices, attempt %d", task.spec.name, len(devices), flow_run.run_count)
    tell_task(task, len(devices), flow_run.run_count)
    outcome = await _exclusion.while_held(flow_run.id, operation(run))
    await publish(
        logger,
        task_id=task.id,
        title=f"{task.spec.name}, attempt {flow_run.run_count}",
        results=outcome.result.results,
        diffs=outcome.diffs,
        run_id=run_id,
        deployment_id=flow_run.deployment_id,
        markdown=outcome.markdown,
    )
    await tell_changed(task, flow_run, outcome.result.results)
    outcome.result.raise_on_error()
    if outcome.fault:
        raise (RunTimedOut if outcome.timed_out else RunFailed)(outcome.fault, ())


def _needs_devices(task: Task) -> bool:
    """A script without a target may be about no device, and an agent looks at what there is."""
    parameters = task.spec.parameters
    if isinstance(parameters, AgentTaskParameters):
        return False
    return not isinstance(parameters, CustomScriptParameters) or parameters.target_id is not None


@asynccontextmanager
async def recorded_attempt(db: Database, flow_run: FlowRun, clock: Clock) -> AsyncIterator[None]:
    """Record how the attempt in the block went.

    Raises:
        NetstacksError: whatever the block raised; what it raised unforeseen is
            told by its kind and place alone, for its text may hold a secret.
    """
    run_id, number = RunId(flow_run.id), flow_run.run_count
    await runs.begin_attempt(db, run_id, number)

    async def end(outcome: AttemptOutcome, error: str = "") -> None:
        await runs.end_attempt(db, run_id, number, outcome=outcome, error=error)

    try:
        yield
    except NetstacksError as error:
        await end("timed_out" if isinstance(error, RunTimedOut) else "failed", str(error))
        raise
    except Exception as error:
        places = "".join(traceback.format_tb(error.__traceback__))
        kind = type(error).__name__
        get_run_logger().error("An unexpected %s; please report it:\n%s", kind, places)
        message = f"an unexpected {kind}; the log of the run tells where"
        await end("failed", message)
        raise RunFailed(message, ()) from None
    except GeneratorExit:
        raise
    except BaseException:
        # A cancellation; or the signal to end, which Prefect raises wherever the
        # process happens to be, inside one of the operation's coroutines too.
        outcome: AttemptOutcome = "crashed"
        why = _TOLD_TO_END
        # Prefect may be slow or gone; that it ended is recorded in any case.
        with anyio.move_on_after(_RECORD_SECONDS, shield=True), suppress(Exception):
            outcome, why = await _why_cancelled(flow_run.id, clock)
        with anyio.move_on_after(_RECORD_SECONDS, shield=True):
            await end(outcome, why)
        raise
    else:
        await end("completed")


async def _why_cancelled(run_id: UUID, clock: Clock) -> tuple[AttemptOutcome, str]:
    if time.monotonic() >= clock.end - 1:
        return "timed_out", f"the attempt was still going after {clock.timeout:.0f} seconds"
    async with get_client() as client:
        state = (await client.read_flow_run(run_id)).state
    if state is not None and (state.is_cancelling() or state.is_cancelled()):
        return "cancelled", "the run was cancelled"
    return "crashed", _TOLD_TO_END


async def _name(flow_run: FlowRun, task: Task) -> None:
    if flow_run.run_count != 1:
        return
    when = flow_run.expected_start_time or flow_run.start_time
    name = f"{task.spec.name} {when:%Y-%m-%d %H:%M} UTC" if when else task.spec.name
    try:
        async with get_client() as client:
            await client.set_flow_run_name(flow_run.id, name)
    except Exception as error:
        get_run_logger().warning("the run was not named: %s", type(error).__name__)
