"""The conversation of the agent with the model, from the question to the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from netstacks_tasks.errors import ModelError
from netstacks_tasks.operations.agent import instructions
from netstacks_tasks.operations.agent.answer import (
    FINAL_ANSWER,
    Answer,
    AnswerChecker,
    answer_tool,
)
from netstacks_tasks.operations.agent.chat import Chat, Completion, ToolCall, Usage
from netstacks_tasks.operations.agent.cleaning import Cleaner
from netstacks_tasks.operations.agent.conversation import Conversation
from netstacks_tasks.operations.agent.ending import AgentEnd, Stopped
from netstacks_tasks.operations.agent.fence import Fence
from netstacks_tasks.operations.agent.limits import Budget
from netstacks_tasks.operations.agent.tool import Called, Toolbox
from netstacks_tasks.operations.agent.transcript import Transcript

_LEAST_SECONDS: Final = 2.0
"""With less left, a reply that did not come is for want of time."""
_RAISE: Final = "raise that limit, or ask a narrower question"
_CALLS_AT_ONCE: Final = 8
_MOST_CALLS_A_TURN: Final = 32
"""More than these are refused one by one, so that a model gone wild fills no memory."""


class Listener(Protocol):
    """Is told how the conversation goes; never raises."""

    def said(self, line: str) -> None:
        """A line for the run's log, without secrets."""
        ...

    async def used(self, budget: Budget) -> None:
        """The model replied, and this is used by now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPorts:
    """What an agent works with."""

    chat: Chat
    toolbox: Toolbox
    cleaner: Cleaner
    listener: Listener
    devices: Collection[str]
    """The names an answer may use."""


class Agent:
    """One attempt at a question; use it once."""

    def __init__(self, ports: AgentPorts, budget: Budget, fence: Fence) -> None:
        self._ports = ports
        self._budget = budget
        self._talk = Conversation(ports.cleaner, fence)
        self._checker = AnswerChecker(ports.devices)
        self.transcript = Transcript()
        self._notes: list[str] = []
        self._began = time.monotonic()
        # Each of these helps once.
        self._repaired = False
        self._shortened = False
        self._trimmed = False

    async def ask(self, system: str, prompt: str) -> AgentEnd:
        """Converse until there is an answer, or a reason why there is none.

        Args:
            system: our message.
            prompt: the person's.
        """
        self.transcript.add("system", self._talk.say("system", system))
        self.transcript.add("user", self._talk.say("user", prompt))
        try:
            answer = await self._converse()
        except Stopped as stopped:
            return self._end(None, stopped)
        return self._end(answer, None)

    def _end(self, answer: Answer | None, stopped: Stopped | None) -> AgentEnd:
        if stopped is not None:
            self.transcript.add("note", stopped.fault)
        return AgentEnd(
            outcome="answered" if stopped is None else stopped.outcome,
            answer=answer,
            fault="" if stopped is None else stopped.fault,
            notes=tuple(self._notes),
            transcript=self.transcript,
            usage=self._budget.usage,
            turns=self._budget.turns,
            tool_calls=self._budget.tool_calls,
            seconds=time.monotonic() - self._began,
        )

    async def _converse(self) -> Answer:
        closing = ""
        while True:
            over = self._budget.over()
            if over:
                raise Stopped("limit", f"the agent stopped without an answer: {over}")
            if not closing and (closing := self._budget.nearly()):
                self._note(f"asked for the answer because {closing}")
                self._tell(instructions.answer_now(closing))
            completion = await self._reply(closing)
            if completion.cut_off:
                self._cut_off()
                continue
            answer = await self._react(completion, closing)
            if answer is not None:
                return answer

    # The model's turn ----------------------------------------------------------

    async def _reply(self, closing: str) -> Completion:
        self.transcript.turn += 1
        began = time.monotonic()
        completion = await self._complete(closing)
        seconds = time.monotonic() - began
        usage = completion.usage
        if usage is None:
            prompt, written = self._talk.estimated_usage(completion)
            usage = Usage(prompt=prompt, completion=written, estimated=True)
        self._budget.replied(usage, seconds)
        clean, box = self._ports.cleaner.text, self._ports.toolbox
        asked = clean(", ".join(call.name for call in completion.tool_calls) or "words")
        self._ports.listener.said(
            f"turn {self.transcript.turn}: {asked[:300]} ({usage.total} tokens, {seconds:.1f} s)"
        )
        await self._ports.listener.used(self._budget)
        self.transcript.add(
            "assistant",
            clean(completion.content),
            calls=tuple(
                (clean(call.name), box.arguments_of(call)) for call in completion.tool_calls
            ),
            usage=usage,
            seconds=seconds,
        )
        return completion

    async def _complete(self, closing: str) -> Completion:
        tools = [answer_tool()] if closing else [*self._ports.toolbox.schemas(), answer_tool()]
        while True:
            if self._budget.timed_out:
                raise self._out_of_time()
            try:
                return await self._ports.chat.complete(
                    self._talk.to_send(), tools, timeout=self._budget.deadline.left
                )
            except ModelError as error:
                if error.cause == "context_overflow":
                    self._make_room(error)
                elif error.cause == "no_reply" and self._budget.deadline.left < _LEAST_SECONDS:
                    raise self._out_of_time() from None
                else:
                    raise Stopped(error.cause, self._ports.cleaner.text(str(error))) from None

    def _out_of_time(self) -> Stopped:
        return Stopped(
            "timed_out",
            f"the model had not answered after {self._budget.turns} turns when the attempt's time "
            "was over: raise timeout_seconds, or use a faster model or a narrower question",
        )

    def _make_room(self, error: ModelError) -> None:
        dropped = 0 if self._trimmed else self._talk.drop_oldest_results()
        if not dropped:
            raise Stopped(
                "context_overflow",
                self._ports.cleaner.text(
                    "the conversation does not fit into what the model can read, not even without "
                    f"the oldest results ({error}): lower max_tool_output, give the agent fewer "
                    "tools or a narrower question, or use a model with a longer context"
                ),
            )
        self._trimmed = True
        self._note(
            f"the oldest results of tools ({dropped} characters) were dropped from the "
            "conversation, which had become too long for the model"
        )

    def _cut_off(self) -> None:
        if self._shortened:
            raise Stopped(
                "cut_off",
                "the model's replies were cut off at a length limit twice: raise the limit of "
                "output tokens of the endpoint, or ask a narrower question",
            )
        self._shortened = True
        self._note("a reply of the model was cut off at a length limit")
        self._tell(instructions.SHORTER)

    # Our turn --------------------------------------------------------------------

    async def _react(self, completion: Completion, closing: str) -> Answer | None:
        """The answer, when the reply holds one that can be used."""
        if not completion.tool_calls:
            return self._read_words(completion.spoken, closing)
        calls = self._talk.with_ids(completion.tool_calls)
        box = self._ports.toolbox
        self._talk.called(completion.spoken, [(call, box.arguments_of(call)) for call in calls])
        if all(call.name == FINAL_ANSWER for call in calls):
            return self._read_answer(calls, closing)
        if closing:
            for call in calls:
                self._record(box.refused(self._name(), call, instructions.ONLY_THE_ANSWER))
            self._spend_repair([instructions.ONLY_THE_ANSWER], closing)
            return None
        for called in await self._carry_out(calls):
            self._record(called)
        return None

    async def _carry_out(self, calls: Sequence[ToolCall]) -> list[Called]:
        """Several calls together; their results in the order of the calls."""
        turns = asyncio.Semaphore(_CALLS_AT_ONCE)
        box = self._ports.toolbox
        until = self._budget.tools_until
        first = len(self.transcript.calls) + 1

        async def one(place: int, call: ToolCall) -> Called:
            name = f"c{first + place}"
            if call.name == FINAL_ANSWER:
                return box.refused(name, call, instructions.PREMATURE)
            if place >= _MOST_CALLS_A_TURN or place >= left:
                return box.refused(name, call, instructions.NO_CALLS_LEFT)
            async with turns:
                return await box.call(name, call, until)

        left = self._budget.limits.tool_calls - self._budget.tool_calls
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(place, call)) for place, call in enumerate(calls)]
        return [task.result() for task in tasks]

    def _record(self, called: Called) -> None:
        self._talk.result(called)
        self.transcript.add("tool", called=called, seconds=called.seconds)
        self._budget.tool_calls += 1
        if called.status == "invalid" or called.tool not in (
            *self._ports.toolbox.names,
            FINAL_ANSWER,
        ):
            self._budget.faulty_calls += 1
        self._ports.listener.said(
            f"{called.name} {called.tool} {called.arguments[:300]}: {called.status}, "
            f"{len(called.data)} characters, {called.seconds:.1f} s"
        )

    def _read_words(self, content: str, closing: str) -> Answer | None:
        self._talk.say("assistant", content or "(nothing)")
        read = self._checker.read(content, self._citable())
        if isinstance(read, Answer):
            return self._cleaned(read)
        if "{" not in content:
            self._spend_repair(["it was neither a call of a tool nor an answer"], closing)
            self._tell(instructions.NOT_AN_ANSWER)
        else:
            self._spend_repair(read, closing)
            self._tell(instructions.repair(read))
        return None

    def _read_answer(self, calls: Sequence[ToolCall], closing: str) -> Answer | None:
        read = self._checker.read(calls[0].arguments, self._citable())
        if isinstance(read, Answer):
            return self._cleaned(read)
        for call in calls:
            refused = self._ports.toolbox.refused(self._name(), call, instructions.NOT_TAKEN)
            self._talk.result(refused)
            self.transcript.add("tool", called=refused)
        self._spend_repair(read, closing)
        self._tell(instructions.repair(read))
        return None

    def _spend_repair(self, faults: Sequence[str], closing: str) -> None:
        """Let the model try once more, or end."""
        if not self._repaired:
            self._repaired = True
            self._note(f"the model's answer could not be used: {'; '.join(faults)}")
            return
        said = self._ports.cleaner.text("; ".join(faults))
        if closing:
            raise Stopped(
                "limit", f"{closing}, and the model did not answer when asked to ({said}): {_RAISE}"
            )
        raise Stopped(
            "no_answer",
            "the model gave no answer that can be used, not even when told what was wrong "
            f"({said}): use a model that is better at calling tools, or tool_choice required; "
            "the transcript has what it said",
        )

    # Little things ---------------------------------------------------------------

    def _citable(self) -> dict[str, str]:
        """How the calls that were carried out may be named, and their names."""
        named: dict[str, str] = {}
        for called in self.transcript.calls:
            if called.carried_out:
                named |= {called.name: called.name, called.id: called.name}
        return named

    def _name(self) -> str:
        return f"c{len(self.transcript.calls) + 1}"

    def _cleaned(self, answer: Answer) -> Answer:
        return Answer.model_validate(self._ports.cleaner.plain(answer.model_dump()))

    def _tell(self, text: str) -> None:
        self._talk.tell(self._ports.cleaner.text(text))
        self.transcript.add("user", self._ports.cleaner.text(text))

    def _note(self, text: str) -> None:
        self._notes.append(self._ports.cleaner.text(text))
        self.transcript.add("note", self._notes[-1])
