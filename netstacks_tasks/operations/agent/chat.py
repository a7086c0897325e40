"""The boundary between the agent and a language model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

Message = Mapping[str, Any]
"""As in the messages of OpenAI's chat completions."""
ToolSchema = Mapping[str, Any]
"""As in their tools."""

_CHARACTERS_PER_TOKEN: Final = 3
"""Fewer than any tokenizer needs for English or JSON: an estimate errs upwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one completion or of many."""

    prompt: int = 0
    completion: int = 0
    estimated: bool = False
    """The endpoint did not say, for some of it at least."""

    @property
    def total(self) -> int:
        return self.prompt + self.completion

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt=self.prompt + other.prompt,
            completion=self.completion + other.completion,
            estimated=self.estimated or other.estimated,
        )


def estimated_tokens(characters: int) -> int:
    """How many tokens a text has at most, roughly."""
    return -(-characters // _CHARACTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool that the model wants to be called."""

    id: str
    """As the endpoint gave it; may be empty or used twice."""
    name: str
    arguments: str
    """Should be a JSON object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One reply of the model."""

    content: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    cut_off: bool = False
    """It ended at a length limit, not by itself."""
    usage: Usage | None = None
    """None when the endpoint does not tell."""

    @property
    def spoken(self) -> str:
        """The content without what some models think aloud before it."""
        return self.content.rpartition("</think>")[2].strip()


class Chat(Protocol):
    """Completes a conversation."""

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[ToolSchema], *, timeout: float
    ) -> Completion:
        """One reply, within `timeout` seconds.

        Raises:
            ModelError: there is none that can be used; never another error.
        """
        ...
