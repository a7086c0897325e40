"""The model's turn: one reply, with what it costs, and with room made for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Protocol

from netstacks_tasks.errors import ModelError
from netstacks_tasks.operations.agent.answer import answer_tool
from netstacks_tasks.operations.agent.chat import Chat, Completion, Usage
from netstacks_tasks.operations.agent.cleaning import Cleaner
from netstacks_tasks.operations.agent.conversation import Conversation
from netstacks_tasks.operations.agent.ending import Stopped
from netstacks_tasks.operations.agent.limits import Budget
from netstacks_tasks.operations.agent.tool import Toolbox
from netstacks_tasks.operations.agent.transcript import Transcript

_LEAST_SECONDS: Final = 2.0
"""With less left, a reply that did not come is for want of time."""


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


class ModelTurn:
    """Asks the model for its next reply."""

    def __init__(
        self,
        ports: AgentPorts,
        budget: Budget,
        talk: Conversation,
        transcript: Transcript,
        note: Callable[[str], None],
    ) -> None:
        self._ports = ports
        self._budget = budget
        self._talk = talk
        self._transcript = transcript
        self._note = note
        self._trimmed = False

    async def reply(self, *, only_the_answer: bool) -> Completion:
        """One reply, counted and written down.

        Args:
            only_the_answer: no other tool is offered.

        Raises:
            Stopped: there is none.
        """
        self._transcript.turn += 1
        began = time.monotonic()
        completion = await self._complete(only_the_answer=only_the_answer)
        seconds = time.monotonic() - began
        usage = completion.usage
        if usage is None:
            prompt, written = self._talk.estimated_usage(completion)
            usage = Usage(prompt=prompt, completion=written, estimated=True)
        self._budget.replied(usage, seconds)
        clean, box = self._ports.cleaner.text, self._ports.toolbox
        asked = clean(", ".join(call.name for call in completion.tool_calls) or "words")
        self._ports.listener.said(
            f"turn {self._transcript.turn}: {asked[:300]} ({usage.total} tokens, {seconds:.1f} s)"
        )
        await self._ports.listener.used(self._budget)
        self._transcript.add(
            "assistant",
            clean(completion.content),
            calls=tuple(
                (clean(call.name), box.arguments_of(call)) for call in completion.tool_calls
            ),
            usage=usage,
            seconds=seconds,
        )
        return completion

    async def _complete(self, *, only_the_answer: bool) -> Completion:
        tools = [answer_tool()]
        if not only_the_answer:
            tools = [*self._ports.toolbox.schemas(), *tools]
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
