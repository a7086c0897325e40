"""Does in one transaction what many ask for at the same time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Generic, TypeVar

from netstacks_tasks.errors import StoreUnavailable

T = TypeVar("T")
R = TypeVar("R")

_MOST: Final = 64
_COMPANY_SECONDS: Final = 0.02
"""What the first of a batch waits for others: a transaction costs more than they do."""
PATIENCE_SECONDS: Final = 0.1
"""What it waits at most while others come."""


class Batches(Generic[T, R]):
    """Gathers what comes at nearly the same time; nobody is answered before it is committed.

    No task works behind anybody's back: whoever comes first does it for those
    who wait with him.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """Of a kind of work.

        Args:
            work: does all of its items or, when it raises, none; its answers are in their order.
            patience: seconds that the first of a batch waits at most while others come.
        """
        self._work = work
        self._patience = patience
        self._waiting: deque[_Item[T, R]] = deque()
        self._led = False
        """Somebody works, or was called to."""

    async def do(self, item: T) -> R:
        """The answer to an item, or the error that it alone caused.

        Raises:
            StoreUnavailable: of the whole batch.
        """
        (answer,) = await self.do_all([item])
        return answer

    async def do_all(self, items: Iterable[T]) -> list[R]:
        """The answers to several items, in order; the errors are those of `do`.

        Where one of them is at fault, the others may have been done.
        """
        asker = _Asker()
        mine = [_Item[T, R](item, asker) for item in items]
        asker.left = len(mine)
        self._waiting.extend(mine)
        if not self._led:
            self._led = asker.leads = True
        try:
            if not asker.leads:
                await asker.called
            while asker.left:
                await self._next()
        finally:
            asker.gone = True
            if asker.leads:
                self._call_next()
        return [item.result() for item in mine]

    def _call_next(self) -> None:
        """Have somebody lead who still waits."""
        self._led = False
        for item in self._waiting:
            asker = item.asker
            if not asker.gone and not asker.called.done():
                self._led = asker.leads = True
                asker.called.set_result(None)
                return

    async def _next(self) -> None:
        await self._gather()
        batch: list[_Item[T, R]] = []
        while self._waiting and len(batch) < _MOST:
            item = self._waiting.popleft()
            if not item.asker.gone:
                batch.append(item)
        try:
            await self._answer(batch)
        finally:
            # Whoever did this was cancelled: it is for the next one to do.
            self._waiting.extendleft(item for item in reversed(batch) if item.open)

    async def _gather(self) -> None:
        loop = asyncio.get_running_loop()
        end, before = loop.time() + self._patience, 0
        while before < len(self._waiting) < _MOST and loop.time() < end:
            before = len(self._waiting)
            await asyncio.sleep(_COMPANY_SECONDS)

    async def _answer(self, batch: Sequence[_Item[T, R]]) -> None:
        try:
            found = await self._work([item.item for item in batch])
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, StoreUnavailable):
                # One of them is at fault: the others must not suffer for it.
                for one in batch:
                    await self._answer([one])
                return
            for item in batch:
                item.fail(error)
        else:
            for item, answer in zip(batch, found, strict=True):
                item.answer(answer)


class _Asker:
    """Somebody who waits for the answers to his items."""

    __slots__ = ("called", "gone", "leads", "left")

    def __init__(self) -> None:
        self.left = 0
        self.leads = False
        self.gone = False
        self.called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Because everything is answered, or because it is his turn to lead."""

    def answered(self) -> None:
        self.left -= 1
        if not self.left and not self.called.done():
            self.called.set_result(None)


class _Item(Generic[T, R]):
    __slots__ = ("_answers", "_error", "asker", "item", "open")

    def __init__(self, item: T, asker: _Asker) -> None:
        self.item = item
        self.asker = asker
        self.open = True
        self._answers: tuple[R, ...] = ()
        self._error: Exception | None = None

    def answer(self, answer: R) -> None:
        self.open = False
        self._answers = (answer,)
        self.asker.answered()

    def fail(self, error: Exception) -> None:
        self.open = False
        self._error = error
        self.asker.answered()

    def result(self) -> R:
        if self._error is not None:
            raise self._error
        return self._answers[0]
