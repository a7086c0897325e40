"""The messages of a conversation as the endpoint is sent them."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from netstacks_tasks.operations.agent.chat import Completion, Message, ToolCall, estimated_tokens
from netstacks_tasks.operations.agent.cleaning import Cleaner
from netstacks_tasks.operations.agent.fence import Fence
from netstacks_tasks.operations.agent.fitting import as_json
from netstacks_tasks.operations.agent.instructions import DROPPED
from netstacks_tasks.operations.agent.tool import Called

_LETTERS: Final = string.ascii_letters + string.digits
_ID_LENGTH: Final = 9
"""What Mistral's servers ask for, and all others take."""
_FIT_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(slots=True)
class _Said:
    """One message."""

    role: str
    content: str
    more: dict[str, Any] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """Our own words at its end, outside of the data."""

    def as_message(self) -> dict[str, Any]:
        text = "\n\n".join([self.content, *self.told])
        return {"role": self.role, "content": text or None, **self.more}


class Conversation:
    """Grows by what both sides say.

    Every text is cleaned when it is added and once more when it is sent: nothing
    leaves by another way.
    """

    def __init__(self, cleaner: Cleaner, fence: Fence) -> None:
        self._cleaner = cleaner
        self._fence = fence
        self._said: list[_Said] = []
        self._ids: set[str] = set()

    def to_send(self) -> list[Message]:
        """The messages, with no secret in them."""
        return [self._cleaner.plain(said.as_message()) for said in self._said]

    @property
    def characters(self) -> int:
        return len(as_json([said.as_message() for said in self._said]))

    def say(self, role: str, content: str) -> str:
        """Add a message of words; returns it as it will be sent."""
        text = self._cleaner.text(content)
        self._said.append(_Said(role, text))
        return text

    def tell(self, text: str) -> None:
        """Tell the model something before its next turn.

        It goes to the end of what it reads anyway: the templates of some models
        refuse a user's message that does not follow a reply.
        """
        if self._said and self._said[-1].role in {"user", "tool"}:
            self._said[-1].told.append(text)
        else:
            self._said.append(_Said("user", text))

    def with_ids(self, calls: Sequence[ToolCall]) -> list[ToolCall]:
        """The calls, each with an id that no other one has."""
        named = []
        for call in calls:
            key = self._cleaner.text(call.id)
            if not key or key in self._ids or len(key) > 100:
                key = "".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH))
            self._ids.add(key)
            named.append(ToolCall(id=key, name=call.name, arguments=call.arguments))
        return named

    def called(self, content: str, calls: Sequence[tuple[ToolCall, str]]) -> None:
        """The model made calls.

        Args:
            content: what it said with them.
            calls: each with its arguments as a JSON object, cleaned.
        """
        made = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": _fit(call.name), "arguments": arguments},
            }
            for call, arguments in calls
        ]
        self._said.append(_Said("assistant", self._cleaner.text(content), {"tool_calls": made}))

    def result(self, called: Called) -> None:
        """What came of a call; each call needs one, in the order of the calls."""
        text = self._fence.around(called.name, called.tool, called.data)
        self._said.append(_Said("tool", text, {"tool_call_id": called.id}))

    def drop_oldest_results(self) -> int:
        """Take out the oldest half of what tools answered; returns how many characters."""
        results = [
            said for said in self._said if said.role == "tool" and len(said.content) > len(DROPPED)
        ]
        total = sum(len(said.content) for said in results)
        dropped = 0
        for said in results:
            if dropped * 2 >= total:
                break
            dropped += len(said.content)
            said.content = DROPPED
        return dropped

    def estimated_usage(self, completion: Completion) -> tuple[int, int]:
        """Tokens read and written, when the endpoint does not say."""
        written = len(completion.content) + sum(
            len(call.name) + len(call.arguments) + 20 for call in completion.tool_calls
        )
        return estimated_tokens(self.characters), estimated_tokens(written)


def _fit(name: str) -> str:
    return name if _FIT_NAME.fullmatch(name) else "unknown_tool"
