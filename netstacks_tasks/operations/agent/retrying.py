"""Asks an endpoint again when that may help."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Final

from netstacks_tasks.errors import ModelError
from netstacks_tasks.models.model_causes import ModelCause
from netstacks_tasks.operations.agent.chat import Chat, Completion, Message, ToolSchema
from netstacks_tasks.operations.deadline import Deadline

_TRIES: Final[dict[ModelCause, int]] = {
    "rate_limited": 6,
    "server_error": 4,
    "unreachable": 4,
    "disconnected": 3,
    "no_reply": 2,
    "empty": 2,
}
"""For one reply; causes that are not here are final."""
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
_LEAST_SECONDS: Final = 1.0
"""For a reply: with less left there is no sense in asking."""


class RetryingChat:
    """A chat that waits as long as the endpoint asks, or ever longer, and asks again.

    It never waits past the deadline: when the wait would be too long it gives up
    at once.
    """

    def __init__(
        self,
        chat: Chat,
        deadline: Deadline,
        say: Callable[[str], None],
        *,
        first_pause: float = _FIRST_PAUSE,
    ) -> None:
        self._chat = chat
        self._deadline = deadline
        self._say = say
        self._first_pause = first_pause

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[ToolSchema], *, timeout: float
    ) -> Completion:
        tries = 0
        while True:
            try:
                seconds = min(timeout, max(self._deadline.left, _LEAST_SECONDS))
                return await self._chat.complete(messages, tools, timeout=seconds)
            except ModelError as error:
                tries += 1
                if tries >= _TRIES.get(error.cause, 1):
                    raise self._given_up(error, tries) from None
                pause = self._pause(error, tries)
                self._say(f"{error.detail}; asking again in {pause:.1f} s")
                await asyncio.sleep(pause)

    def _pause(self, error: ModelError, tries: int) -> float:
        if error.retry_after is not None:
            if error.retry_after + _LEAST_SECONDS > self._deadline.left:
                raise ModelError(
                    error.cause,
                    f"{error.detail} (it asks to wait {error.retry_after:.0f} seconds, and the "
                    f"attempt has {self._deadline.left:.0f} left)",
                ) from None
            return error.retry_after
        pause = min(self._first_pause * 2.0 ** (tries - 1), _LONGEST_PAUSE)
        # Not all runs of a worker at the same moment.
        pause *= random.uniform(0.7, 1.3)  # noqa: S311 - no secret
        if pause + _LEAST_SECONDS > self._deadline.left:
            raise self._given_up(error, tries) from None
        return pause

    @staticmethod
    def _given_up(error: ModelError, tries: int) -> ModelError:
        times = f" (asked {tries} times)" if tries > 1 else ""
        return ModelError(error.cause, f"{error.detail}{times}")
