"""A conversation in memory: a model that says what it is told to, and tools that only count."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field, SecretStr

from netstacks_tasks.errors import DeviceError, ModelError
from netstacks_tasks.operations.agent.agent import Agent
from netstacks_tasks.operations.agent.chat import Completion, Message, ToolCall, ToolSchema, Usage
from netstacks_tasks.operations.agent.cleaning import Cleaner
from netstacks_tasks.operations.agent.ending import AgentEnd
from netstacks_tasks.operations.agent.fence import Fence
from netstacks_tasks.operations.agent.limits import AgentLimits, Budget
from netstacks_tasks.operations.agent.model_turn import AgentPorts
from netstacks_tasks.operations.agent.tool import Arguments, Found, NotAllowed, Tool, Toolbox
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.redaction import Redactor

SECRET = "canary-password"
DEVICES = {"r1", "r2"}

Said = Completion | ModelError | Callable[[Sequence[Message]], Completion]


def call(name: str, arguments: Mapping[str, Any] | str = "{}", key: str = "") -> ToolCall:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return ToolCall(id=key, name=name, arguments=text)


def calling(*made: ToolCall, tokens: int = 100, content: str = "") -> Completion:
    return Completion(
        content=content, tool_calls=made, usage=Usage(prompt=tokens - 10, completion=10)
    )


def look(device: str = "r1", key: str = "") -> ToolCall:
    return call("device_facts", {"device": device}, key)


def final(**changes: object) -> ToolCall:
    document = {"summary": "Fine.", "findings": [], "unreachable": [], "confidence": "high"}
    return call("final_answer", document | changes)


def finding(**changes: object) -> dict[str, object]:
    return {"severity": "warning", "device": "r1", "evidence": "seen", "tool_call": "c1"} | changes


class Device(Arguments):
    device: str = Field(min_length=1)


@dataclass
class Model:
    """The port `Chat`; a model that has nothing more to say fails the test."""

    script: deque[Said]
    asked: list[list[Message]] = field(default_factory=list)
    offered: list[list[str]] = field(default_factory=list)

    async def complete(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSchema],
        *,
        timeout: float,  # noqa: ARG002 - the port's
    ) -> Completion:
        self.asked.append(list(messages))
        self.offered.append([tool["function"]["name"] for tool in tools])
        said = self.script.popleft()
        if isinstance(said, ModelError):
            raise said
        return said if isinstance(said, Completion) else said(messages)


@dataclass
class Talk:
    """What a test looks at."""

    model: Model
    end: AgentEnd
    carried_out: list[str]
    lines: list[str]
    used: list[int]

    @property
    def results(self) -> list[dict[str, Any]]:
        """What the model was told of its calls, in order."""
        return [json.loads(called.data) for called in self.end.transcript.calls]

    def last_words(self, turn: int) -> str:
        """The end of what the model read in a turn, from 0."""
        return str(self.model.asked[turn][-1]["content"])


@dataclass
class _Listener:
    lines: list[str] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)

    def said(self, line: str) -> None:
        self.lines.append(line)

    async def used(self, budget: Budget) -> None:
        self.totals.append(budget.usage.total)


@dataclass
class Tools:
    """One tool that looks at a device, in several moods."""

    answers: Mapping[str, Found] = field(default_factory=dict)
    carried_out: list[str] = field(default_factory=list)
    busy: Counter[str] = field(default_factory=Counter)
    delay: float = 0.0

    async def look(self, wanted: Device, _: Deadline) -> Found:
        self.busy["now"] += 1
        self.busy["most"] = max(self.busy["most"], self.busy["now"])
        await asyncio.sleep(self.delay)
        self.busy["now"] -= 1
        if wanted.device == "forbidden":
            raise NotAllowed.single("device", "it must not be looked at")
        if wanted.device == "down":
            raise DeviceError("down", "connect", "refused", f"said {SECRET}")
        if wanted.device == "odd":
            raise KeyError(SECRET)
        self.carried_out.append(wanted.device)
        return self.answers.get(wanted.device, {"device": wanted.device, "up": True})

    def tool(self) -> Tool[Device]:
        return Tool(
            name="device_facts",
            description="Look at a device.",
            arguments=Device,
            call=self.look,
            narrow="ask for less",
        )


async def talk(
    *script: Said,
    prompt: str = "How are we?",
    limits: AgentLimits | None = None,
    seconds: float = 100,
    tools: Tools | None = None,
) -> Talk:
    """Have a conversation to its end."""
    redactor = Redactor()
    redactor.hide(SecretStr(SECRET))
    model, chosen, listener = Model(deque(script)), tools or Tools(), _Listener()
    allowed = limits or AgentLimits()
    cleaner = Cleaner(redactor)
    agent = Agent(
        AgentPorts(
            chat=model,
            toolbox=Toolbox(
                [chosen.tool()], Cleaner(redactor.configuration), most_output=allowed.tool_output
            ),
            cleaner=cleaner,
            listener=listener,
            devices=DEVICES,
        ),
        Budget(limits=allowed, deadline=Deadline.after(seconds), seconds=seconds),
        Fence(),
    )
    end = await agent.ask("You are the assistant.", prompt)
    return Talk(model, end, chosen.carried_out, listener.lines, listener.totals)
