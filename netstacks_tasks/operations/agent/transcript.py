"""Everything that was said in a conversation with the model, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from netstacks_tasks.operations.agent.chat import Usage
from netstacks_tasks.operations.agent.tool import Called

FORMAT: Final = 1
"""Of the document; grows when a reader would have to know."""

Role = Literal["system", "user", "assistant", "tool", "note"]
"""`note`: what neither side said and happened, such as a wait or a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing said; no text of it is secret."""

    at: datetime
    turn: int
    role: Role
    content: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    """Of an assistant: the tools it called, each with its arguments."""
    called: Called | None = None
    """Of a tool."""
    usage: Usage | None = None
    seconds: float | None = None

    def as_document(self) -> dict[str, Any]:
        """The entry as JSON, what it does not have left out."""
        document: dict[str, Any] = {
            "at": self.at.isoformat(timespec="milliseconds"),
            "turn": self.turn,
            "role": self.role,
        }
        if self.content:
            document["content"] = self.content
        if self.calls:
            document["calls"] = [
                {"tool": tool, "arguments": arguments} for tool, arguments in self.calls
            ]
        if self.called is not None:
            document |= {
                "call": self.called.name,
                "tool": self.called.tool,
                "arguments": self.called.arguments,
                "status": self.called.status,
                "data": self.called.data,
                "cut": self.called.cut,
            }
        if self.usage is not None:
            document["tokens"] = {
                "prompt": self.usage.prompt,
                "completion": self.usage.completion,
                "estimated": self.usage.estimated,
            }
        if self.seconds is not None:
            document["seconds"] = round(self.seconds, 2)
        return document


@dataclass(slots=True)
class Transcript:
    """Grows while the conversation goes on."""

    turn: int = 0
    """The one that is under way, from 1."""
    _entries: list[Entry] = field(default_factory=list)

    @property
    def entries(self) -> Sequence[Entry]:
        return self._entries

    @property
    def calls(self) -> list[Called]:
        """Every call, refused ones too, in order."""
        return [entry.called for entry in self._entries if entry.called is not None]

    def add(self, role: Role, content: str = "", **more: Any) -> None:  # noqa: ANN401 - fields of Entry
        """Note something that was just said."""
        self._entries.append(
            Entry(at=datetime.now(UTC), turn=self.turn, role=role, content=content, **more)
        )

    def as_document(self) -> list[dict[str, Any]]:
        return [entry.as_document() for entry in self._entries]
