"""Finds runs whose process is gone, and retries or ends them under their own rules."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from prefect.client.schemas.objects import StateType
from prefect.states import Cancelled, Crashed

from netstacks_tasks.errors import SyncError
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.sync.flow_runs import FlowRuns, SeenRun
from netstacks_tasks.sync.prefect_errors import PrefectUnavailable

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 8
"""Each costs the server a few requests."""
Verdict = Literal["alive", "retry", "resume", "crash", "cancel", "resubmit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a run may look dead before it is taken for dead."""

    unlocked: timedelta = timedelta(seconds=20)
    """Nobody holds its lock: it may be starting, or taking the lock again after
    PostgreSQL restarted."""
    pending: timedelta = timedelta(seconds=45)
    """Handed to a worker and not started: an interpreter may be slow to come up."""
    unknown: timedelta = timedelta(seconds=20)
    """Prefect does not have it."""


def verdict(  # noqa: PLR0911 - one line per case
    run: SeenRun, *, alive: bool, unlocked_for: timedelta, patience: Patience
) -> Verdict:
    """What to do with one open run.

    `unlocked_for` is how long nobody has been seen to hold its lock.
    """
    if alive:
        return "alive"
    if run.state_type is StateType.PENDING:
        return "resubmit" if unlocked_for >= patience.pending else "alive"
    if unlocked_for < patience.unlocked:
        return "alive"
    if run.state_type is StateType.CANCELLING:
        return "cancel"
    if run.state_type is StateType.RUNNING:
        return "retry" if run.attempts <= (run.retries or 0) else "crash"
    if run.state_name == "AwaitingRetry" and run.retry_type == "in_process":
        return "resume"
    return "alive"


class Janitor:
    """Remembers for how long each open run has looked dead."""

    def __init__(self, flow_runs: FlowRuns, patience: Patience | None = None) -> None:
        self._flow_runs = flow_runs
        self._patience = patience or Patience()
        self._unlocked_since: dict[RunId, datetime] = {}

    def forget(self) -> None:
        """Start counting anew: PostgreSQL was away, and with it every lock."""
        self._unlocked_since.clear()

    async def tidy(
        self, open_runs: Sequence[SeenRun], holders: Collection[RunId]
    ) -> list[tuple[SeenRun, Verdict]]:
        """Look at every open run once, and act on the first few that are dead.

        The others are looked at anew before it is their turn: what was seen of them
        would be old by then.

        Args:
            open_runs: of Prefect.
            holders: the runs whose process holds, or waits for, a lock.

        Returns:
            those it acted on.
        """
        now = datetime.now(UTC)
        ids = {run.id for run in open_runs}
        self._unlocked_since = {
            run_id: since
            for run_id, since in self._unlocked_since.items()
            if run_id in ids and run_id not in holders
        }
        dead: list[tuple[SeenRun, Verdict]] = []
        for run in open_runs:
            alive = run.id in holders
            since = now if alive else self._unlocked_since.setdefault(run.id, now)
            # A run that changed state meanwhile has shown life.
            since = max(since, run.state_at)
            decision = verdict(run, alive=alive, unlocked_for=now - since, patience=self._patience)
            if decision != "alive":
                dead.append((run, decision))
        now_dead = dead[:_AT_ONCE]
        done = await asyncio.gather(*(self._mend(*one, now) for one in now_dead))
        return [one for one, mended in zip(now_dead, done, strict=True) if mended]

    async def _mend(self, run: SeenRun, decision: Verdict, now: datetime) -> bool:
        try:
            await mend(self._flow_runs, run, decision, now, gone=_gone(run))
        except PrefectUnavailable:
            raise
        except SyncError as error:
            # Not for the others to wait for; it is tried again when it is its turn.
            logger.error("run %s: %s", run.id, error, extra={"action": "janitor_failed"})
            self._unlocked_since[run.id] = now
            return False
        self._unlocked_since.pop(run.id, None)
        return True


async def mend(
    flow_runs: FlowRuns, run: SeenRun, decision: Verdict, now: datetime, *, gone: str
) -> None:
    """Do with a run whose process is gone what was decided.

    Args:
        flow_runs: of its server.
        run: as it was seen.
        decision: of `verdict`; not `alive`.
        now: the present.
        gone: in a sentence, how one knows that the process is gone.

    Raises:
        SyncError: Prefect does not answer, or refuses.
    """
    logger.warning(
        "run %s of task %s: its process is gone (%s): %s",
        run.id,
        run.task_id,
        run.state_name,
        decision,
        extra={
            "action": f"janitor_{decision}",
            "run_id": str(run.id),
            "task_id": str(run.task_id),
        },
    )
    if decision == "retry":
        at = now + timedelta(seconds=run.retry_delay or 0)
        message = f"{gone} To be retried: attempt {run.attempts} of {(run.retries or 0) + 1}."
        await flow_runs.reschedule(run, at=at, retry=True, message=message)
    elif decision == "resume":
        at = max(now, run.next_start or now)
        message = f"{gone} It was between two attempts."
        await flow_runs.reschedule(run, at=at, retry=True, message=message)
    elif decision == "resubmit":
        message = f"{gone} It had not begun, and is queued again."
        await flow_runs.reschedule(run, at=now, retry=False, message=message)
    elif decision == "cancel":
        await flow_runs.finish(run, Cancelled(message=gone))
    else:
        await flow_runs.finish(run, Crashed(message=f"{gone} No attempt is left."))


def _gone(run: SeenRun) -> str:
    if run.state_type is StateType.PENDING:
        return "The worker that took it never started it."
    return f"The process of attempt {run.attempts} is gone: nobody holds the run's lock."
