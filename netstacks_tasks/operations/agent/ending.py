"""How a conversation ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from netstacks_tasks.models.model_causes import ModelCause
from netstacks_tasks.operations.agent.answer import Answer
from netstacks_tasks.operations.agent.chat import Usage
from netstacks_tasks.operations.agent.transcript import Transcript

Outcome = Literal["answered", "no_answer", "limit", "cut_off", "timed_out"] | ModelCause
"""The word for it in the history: add, do not rename."""


class Stopped(Exception):
    """The conversation cannot go on; never leaves the agent."""

    def __init__(self, outcome: Outcome, fault: str) -> None:
        super().__init__(fault)
        self.outcome: Outcome = outcome
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentEnd:
    """The end of one attempt."""

    outcome: Outcome
    answer: Answer | None
    fault: str
    """Why there is no answer; empty when there is one."""
    notes: Sequence[str]
    """What limited the answer, as sentences."""
    transcript: Transcript
    usage: Usage
    turns: int
    tool_calls: int
    seconds: float

    @property
    def timed_out(self) -> bool:
        return self.outcome == "timed_out"
