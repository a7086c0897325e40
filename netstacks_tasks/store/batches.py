"""Does in one transaction what many ask for at the same time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from netstacks_tasks.errors import StoreUnavailable

T = TypeVar("T")
R = TypeVar("R")

_MOST: Final = 64
_COMPANY_SECONDS: Final = 0.02
"""What the first of a batch waits for others: a transaction costs more than they do."""


class Batches(Generic[T, R]):
    """Gathers what comes at nearly the same time; nobody is answered before it is committed.

    No task works behind anybody's back: whoever comes first does it for those
    who wait with him.
    """

    def __init__(self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]]) -> None:
        """`work` does all of its items or, when it raises, none; its answers are in their order."""
        self._work = work
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._turn = asyncio.Lock()

    async def do(self, item: T) -> R:
        """The answer to an item, or the error that it alone caused.

        Raises:
            StoreUnavailable: of the whole batch.
        """
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        try:
            async with self._turn:
                # The one who had the turn before has often done it.
                while not answer.done():
                    await self._next()
        finally:
            answer.cancel()
        return answer.result()

    async def _next(self) -> None:
        await asyncio.sleep(_COMPANY_SECONDS)
        batch: list[tuple[T, asyncio.Future[R]]] = []
        while self._waiting and len(batch) < _MOST:
            item, answer = self._waiting.popleft()
            if not answer.done():
                batch.append((item, answer))
        try:
            await self._answer(batch)
        finally:
            # Whoever did this was cancelled: it is for the next one to do.
            self._waiting.extendleft(pair for pair in reversed(batch) if not pair[1].done())

    async def _answer(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            found = await self._work([item for item, _ in batch])
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, StoreUnavailable):
                # One of them is at fault: the others must not suffer for it.
                for one in batch:
                    await self._answer([one])
                return
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
        else:
            for (_, answer), result in zip(batch, found, strict=True):
                if not answer.done():
                    answer.set_result(result)
