"""A tool, and the box of those that a run allows."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from netstacks_tasks.errors import InvalidInput, NetstacksError
from netstacks_tasks.models.parameters import AgentTool
from netstacks_tasks.operations.agent.answer import FINAL_ANSWER
from netstacks_tasks.operations.agent.chat import ToolCall
from netstacks_tasks.operations.agent.cleaning import Cleaner
from netstacks_tasks.operations.agent.fitting import TRUNCATED, as_json, fitted
from netstacks_tasks.operations.agent.schemas import schema_of
from netstacks_tasks.operations.deadline import Deadline

A = TypeVar("A", bound="Arguments")

Status = Literal["ok", "failed", "refused", "invalid"]
"""`refused`: the tool or what it was to do is not allowed; `invalid`: it cannot be
understood; neither was carried out."""

Found = Mapping[str, Any]
"""JSON; what matters most comes first in its lists."""

_LONGEST_NAME: Final = 64
_LONGEST_ARGUMENTS: Final = 20_000
_GRACE_SECONDS: Final = 3.0
_log = logging.getLogger(__name__)


class Arguments(BaseModel):
    """What a tool is called with."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NotAllowed(InvalidInput):
    """What was asked for is outside of what the agent may do; it was not done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Generic[A]):
    """Something the model may ask for; it only reads."""

    name: AgentTool
    description: str
    arguments: type[A]
    call: Callable[[A, Deadline], Awaitable[Found]]
    """Raises `NetstacksError` with a text for the model."""
    narrow: str
    """How the model asks for less when the output is too long."""

    def as_schema(self) -> dict[str, Any]:
        """The tool as the endpoint is told of it."""
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": schema_of(self.arguments),
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call of the model and what came of it; nothing in it is secret."""

    name: str
    """`c1`, `c2`, ...: what findings cite."""
    id: str
    """What the endpoint knows it by."""
    tool: str
    arguments: str
    """A JSON object, whatever the model wrote."""
    status: Status
    data: str
    """JSON."""
    seconds: float
    cut: bool = False
    """There was more than a tool may answer with."""

    @property
    def carried_out(self) -> bool:
        return self.status in {"ok", "failed"}


class Toolbox:
    """The tools that a run allows."""

    def __init__(self, tools: Sequence[Tool[Any]], cleaner: Cleaner, *, most_output: int) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._cleaner = cleaner
        self._most_output = most_output

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._tools)

    def schemas(self) -> list[dict[str, Any]]:
        return [tool.as_schema() for tool in self._tools.values()]

    async def call(self, name: str, call: ToolCall, until: Deadline) -> Called:
        """Carry out a call, or say why not; whatever goes wrong is a result.

        Args:
            name: the call's own name.
            call: as the model wrote it.
            until: when it must be done.
        """
        began = time.monotonic()
        status, found, narrow = await self._found(call, until)
        clean = self._cleaner.plain(found)
        data = fitted(clean, self._most_output, narrow)
        return Called(
            name=name,
            id=call.id,
            tool=self._named(call),
            arguments=self.arguments_of(call),
            status=status,
            data=data,
            seconds=round(time.monotonic() - began, 2),
            cut=TRUNCATED in json.loads(data) and TRUNCATED not in clean,
        )

    def refused(self, name: str, call: ToolCall, why: str) -> Called:
        """A call that is not carried out."""
        return Called(
            name=name,
            id=call.id,
            tool=self._named(call),
            arguments=self.arguments_of(call),
            status="refused",
            data=as_json({"error": self._cleaner.text(why)}),
            seconds=0.0,
        )

    def _named(self, call: ToolCall) -> str:
        """The name that the model called, in one short line."""
        return " ".join(self._cleaner.text(call.name).split())[:_LONGEST_NAME]

    def arguments_of(self, call: ToolCall) -> str:
        """What the model wrote, cleaned: some servers fail on what is no JSON object."""
        try:
            written = json.loads(call.arguments or "{}")
        except (ValueError, RecursionError):
            written = None
        if not isinstance(written, dict):
            written = {"not_json": call.arguments}
        text = as_json(self._cleaner.plain(written))
        if len(text) <= _LONGEST_ARGUMENTS:
            return text
        return as_json({"too_long": text[: _LONGEST_ARGUMENTS // 2]})

    async def _found(self, call: ToolCall, until: Deadline) -> tuple[Status, Found, str]:
        tool = next((tool for tool in self._tools.values() if tool.name == call.name), None)
        if tool is None:
            known = ", ".join(sorted([*self._tools, FINAL_ANSWER]))
            error = f"there is no tool {call.name!r} here; nothing was done. There are {known}"
            return "refused", {"error": error}, ""
        try:
            arguments = _read(tool, call.arguments)
            async with asyncio.timeout(until.left + _GRACE_SECONDS):
                return "ok", await tool.call(arguments, until), tool.narrow
        except Exception as fault:
            return *_told(fault, tool.name), tool.narrow


def _told(fault: Exception, tool: str) -> tuple[Status, Found]:
    """What the model is told of an error; the text of an unforeseen one may hold anything."""
    if isinstance(fault, NotAllowed):
        return "refused", {"error": f"not allowed, and not done: {fault}"}
    if isinstance(fault, InvalidInput):
        return "invalid", {"error": str(fault)}
    if isinstance(fault, NetstacksError):
        return "failed", {"error": str(fault)}
    if isinstance(fault, TimeoutError):
        return "failed", {"error": "it was not done in time; ask for less"}
    kind = type(fault).__name__
    places = "".join(traceback.format_tb(fault.__traceback__))
    _log.error("The tool %s met an unexpected %s; please report it:\n%s", tool, kind, places)
    return "failed", {"error": f"an unexpected {kind}; go on without it"}


def _read(tool: Tool[A], text: str) -> A:
    try:
        written = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise InvalidInput.single(
            "", f"the arguments are no JSON ({error}); write one JSON object"
        ) from None
    # Some models write the object as a text within the JSON, or null for none.
    if isinstance(written, str):
        return _read(tool, written) if written.startswith("{") else _refuse(tool, written)
    try:
        return tool.arguments.model_validate({} if written is None else written)
    except ValidationError as error:
        known = ", ".join(tool.arguments.model_fields) or "none"
        faults = [
            _fault(fault) for fault in error.errors(include_input=False, include_url=False)[:8]
        ]
        raise InvalidInput.single("", f"{'; '.join(faults)} (arguments: {known})") from None


def _fault(fault: ErrorDetails) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"there is no argument {place[:100]!r}"
    return f"{place or 'arguments'}: {fault['msg']}"


def _refuse(tool: Tool[A], _: str) -> A:
    raise InvalidInput.single("", f"write the arguments of {tool.name} as one JSON object")
