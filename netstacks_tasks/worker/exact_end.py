"""Tells Prefect how exactly a run's process ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.runner._state_proposer import StateProposer


class ExactEnd(StateProposer):
    """Prefect's proposer of states, with our words for a process that ended badly."""

    def __init__(self, client: PrefectClient, words: Callable[[], str | None]) -> None:
        super().__init__(client=client)
        self._words = words

    async def propose_crashed(self, flow_run: FlowRun, message: str) -> State[Any] | None:
        return await super().propose_crashed(flow_run, self._words() or message)
