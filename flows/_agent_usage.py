"""What an agent's run has used, in its history while it goes on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flows._model import Prices
from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.operations.agent.chat import Usage
from netstacks_tasks.operations.agent.ending import AgentEnd
from netstacks_tasks.operations.agent.limits import Budget
from netstacks_tasks.store import run_search, runs
from netstacks_tasks.store.database import Database

_KEY: Final = "agent"
"""In the run's `summary`."""


@dataclass(slots=True, kw_only=True)
class AgentUsage:
    """The listener of a conversation: its log, and the tokens of all attempts of its run."""

    db: Database
    run_id: RunId
    attempt: int
    model: str
    prices: Prices | None
    logger: logging.Logger | logging.LoggerAdapter[Any]
    _attempts: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def begin(self) -> None:
        """Learn what earlier attempts of the run have used."""
        earlier = (await runs.get(self.db, self.run_id)).summary.get(_KEY, {})
        self._attempts = dict(earlier.get("attempts", {}))

    def said(self, line: str) -> None:
        self.logger.info("%s", line)

    async def used(self, budget: Budget) -> None:
        """Note what the attempt has used by now."""
        usage = budget.usage
        await self._note(
            {
                "outcome": "under way",
                "turns": budget.turns,
                "tool_calls": budget.tool_calls,
                "prompt_tokens": usage.prompt,
                "completion_tokens": usage.completion,
                "tokens_estimated": usage.estimated,
            }
        )

    async def ended(self, end: AgentEnd) -> None:
        """Note how the attempt ended, and all that it used."""
        await self._note(
            {
                "outcome": end.outcome,
                "turns": end.turns,
                "tool_calls": end.tool_calls,
                "prompt_tokens": end.usage.prompt,
                "completion_tokens": end.usage.completion,
                "tokens_estimated": end.usage.estimated,
            }
        )

    async def _note(self, attempt: dict[str, Any]) -> None:
        self._attempts[str(self.attempt)] = attempt
        about = {_KEY: summary(self.model, self._attempts, self.prices)}
        try:
            await run_search.note(self.db, self.run_id, about)
        except NetstacksError as error:
            self.logger.warning("the tokens used are not in the history: %s", error)


def summary(
    model: str, attempts: Mapping[str, Mapping[str, Any]], prices: Prices | None
) -> dict[str, Any]:
    """What the history shows: the sums over all attempts, and each of them."""
    usage = Usage()
    for one in attempts.values():
        usage += Usage(
            prompt=one["prompt_tokens"],
            completion=one["completion_tokens"],
            estimated=one["tokens_estimated"],
        )
    told: dict[str, Any] = {
        "model": model,
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "tokens_estimated": usage.estimated,
    }
    if prices is not None:
        told |= {"cost": round(prices.of(usage), 6), "currency": prices.currency}
    return told | {"attempts": dict(attempts)}
