"""The conversation of the agent with the model, from the question to the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from netstacks_tasks.operations.agent import instructions
from netstacks_tasks.operations.agent.answer import (
    FINAL_ANSWER,
    Answer,
    AnswerChecker,
)
from netstacks_tasks.operations.agent.chat import Completion, ToolCall
from netstacks_tasks.operations.agent.conversation import Conversation
from netstacks_tasks.operations.agent.ending import AgentEnd, Stopped
from netstacks_tasks.operations.agent.fence import Fence
from netstacks_tasks.operations.agent.limits import Budget
from netstacks_tasks.operations.agent.model_turn import AgentPorts, ModelTurn
from netstacks_tasks.operations.agent.tool import Called
from netstacks_tasks.operations.agent.transcript import Transcript

_RAISE: Final = "raise that limit, or ask a narrower question"
_CALLS_AT_ONCE: Final = 8
_MOST_CALLS_A_TURN: Final = 32
"""More than these are refused one by one, so that a model gone wild fills no memory."""


class Agent:
    """One attempt at a question; use it once."""

    def __init__(self, ports: AgentPorts, budget: Budget, fence: Fence) -> None:
        self._ports = ports
        self._budget = budget
        self._talk = Conversation(ports.cleaner, fence)
        self._checker = AnswerChecker(ports.devices)
        self.transcript = Transcript()
        self._turn = ModelTurn(ports, budget, self._talk, self.transcript, self._note)
        self._notes: list[str] = []
        self._began = time.monotonic()
        # Each of these helps once.
        self._repaired = False
        self._shortened = False

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
            completion = await self._turn.reply(only_the_answer=bool(closing))
            if completion.cut_off:
                self._cut_off()
                continue
            answer = await self._react(completion, closing)
            if answer is not None:
                return answer

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
