"""What an agent may use, and what it has used."""

from __future__ import annotations

from dataclasses import dataclass, field

from netstacks_tasks.models.parameters import AgentTaskParameters
from netstacks_tasks.operations.agent.chat import Usage
from netstacks_tasks.operations.deadline import Deadline

_MOST_FAULTY_CALLS = 8
_MOST_RESERVED_SECONDS = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLimits:
    """The limits of one attempt; enough for a morning summary by a small local model."""

    turns: int = 12
    """Replies of the model, the answer included."""
    tokens: int = 200_000
    """Read and written; each turn reads the whole conversation again."""
    tool_calls: int = 40
    tool_output: int = 6000
    """Characters of one tool's output."""

    @classmethod
    def of(cls, parameters: AgentTaskParameters) -> AgentLimits:
        """The limits a task names, and the usual ones for the rest."""
        named = {
            "turns": parameters.max_turns,
            "tokens": parameters.max_tokens,
            "tool_calls": parameters.max_tool_calls,
            "tool_output": parameters.max_tool_output,
        }
        return cls(**{name: value for name, value in named.items() if value is not None})


@dataclass(slots=True, kw_only=True)
class Budget:
    """What is used of the limits, and what is left."""

    limits: AgentLimits
    deadline: Deadline
    """When the attempt's time is over."""
    seconds: float
    """The attempt's time, as it began."""
    usage: Usage = field(default_factory=Usage)
    turns: int = 0
    tool_calls: int = 0
    faulty_calls: int = 0
    """Calls that could not be carried out as they were written."""
    slowest_reply: float = 0.0
    """Seconds."""
    _last: Usage = field(default_factory=Usage)

    def replied(self, usage: Usage, seconds: float) -> None:
        """Count one reply of the model."""
        self.turns += 1
        self.usage += usage
        self._last = usage
        self.slowest_reply = max(self.slowest_reply, seconds)

    @property
    def reserved(self) -> float:
        """Seconds kept for the last reply: what the slowest one took and half of it again."""
        least = min(_MOST_RESERVED_SECONDS, 0.15 * self.seconds)
        return min(max(least, 1.5 * self.slowest_reply), self.seconds / 2)

    @property
    def tools_until(self) -> Deadline:
        """When tools must be done, so that there is time for an answer."""
        return Deadline(self.deadline.at - self.reserved)

    def nearly(self) -> str:
        """Which limit is so near that the model must answer now; empty when none is."""
        if self.turns + 1 >= self.limits.turns:
            return f"this is the last of {self.limits.turns} turns (max_turns)"
        if self.tool_calls >= self.limits.tool_calls:
            return f"all {self.limits.tool_calls} calls of tools are used (max_tool_calls)"
        # A turn reads all that the last one read and wrote, and what came since;
        # after a further round of tools there must be enough for the answer.
        if self.usage.total + 2.5 * self._last.total > self.limits.tokens:
            return f"{self.usage.total} of {self.limits.tokens} tokens are used (max_tokens)"
        if self.tools_until.left <= 0:
            return f"{self.deadline.left:.0f} seconds of the attempt are left (timeout_seconds)"
        return ""

    def over(self) -> str:
        """Which limit is passed; empty when there may be another turn."""
        if self.usage.total >= self.limits.tokens:
            return (
                f"{self.usage.total} tokens are used and {self.limits.tokens} were allowed: raise "
                "max_tokens, or give the agent fewer tools or a narrower question"
            )
        if self.faulty_calls >= _MOST_FAULTY_CALLS:
            return (
                f"{self.faulty_calls} calls of tools could not be carried out as the model wrote "
                "them: use a model that is better at calling tools"
            )
        return ""

    @property
    def timed_out(self) -> bool:
        return self.deadline.left <= 0
