"""Tells Prefect how exactly a run's process ended, and has the run of a task retried."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.runner._state_proposer import StateProposer

from netstacks_tasks.sync.desired import task_of
from netstacks_tasks.sync.flow_runs import FlowRuns, seen
from netstacks_tasks.sync.janitor import Patience, mend, verdict

_AGAIN = frozenset({"retry", "resume", "resubmit"})


class ExactEnd(StateProposer):
    """Prefect's proposer of states, with our words for a process that ended badly.

    Prefect ends a run whose process was killed, however many retries are left.
    One of a task is retried under its own rules, as when its worker had died too.
    """

    def __init__(
        self, client: PrefectClient, words: Callable[[], str | None], put_off: set[UUID]
    ) -> None:
        """Describe it.

        Args:
            client: of Prefect.
            words: how the process ended, once it has; None: in Prefect's words.
            put_off: where it notes the runs that are to be retried.
        """
        super().__init__(client=client)
        self._words = words
        self._put_off = put_off

    async def propose_crashed(self, flow_run: FlowRun, message: str) -> State[Any] | None:
        told = self._words() or message
        try:
            again = await self._again(flow_run, told)
        except Exception:
            self._logger.exception("Flow run '%s' was not put off to be retried", flow_run.id)
            if task_of(flow_run.tags) is not None:
                # The server may be away. The sync sees the run by its lock, and does the same
                # a little later: nobody may end it until then.
                self._put_off.add(flow_run.id)
                return None
            again = None
        if again is not None:
            self._put_off.add(flow_run.id)
        return again or await super().propose_crashed(flow_run, told)

    async def _again(self, flow_run: FlowRun, told: str) -> State[Any] | None:
        """The state of a run that has attempts left; None when it has not, or is no task's."""
        run = seen(await self._client.read_flow_run(flow_run.id))
        if run is None or run.is_final:
            return None
        decision = verdict(run, alive=False, unlocked_for=timedelta.max, patience=Patience())
        if decision not in _AGAIN:
            return None
        await mend(FlowRuns.to_mend(self._client), run, decision, datetime.now(UTC), gone=told)
        return (await self._client.read_flow_run(flow_run.id)).state
