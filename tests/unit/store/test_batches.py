"""What comes together is done together, and nobody is answered early or suffers for another."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest

from netstacks_tasks.errors import NotFound, StoreUnavailable
from netstacks_tasks.store.batches import Batches


class Work:
    """Doubles numbers, a batch per call; a bad number spoils its whole batch."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.committed: set[int] = set()
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.away = False

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.calls.append(list(numbers))
        self.begun.set()
        await self.gate.wait()
        if self.away:
            raise StoreUnavailable("away")
        if -1 in numbers:
            raise NotFound("number", -1)
        self.committed.update(numbers)
        return [number * 2 for number in numbers]


async def test_what_comes_meanwhile_is_one_batch() -> None:
    work = Work()
    work.gate.clear()
    batches = Batches(work)
    asking = [asyncio.ensure_future(batches.do(n)) for n in range(10)]
    await work.begun.wait()
    assert work.calls == [list(range(10))]
    more = [asyncio.ensure_future(batches.do(n)) for n in range(10, 100)]
    await asyncio.sleep(0)
    assert not any(one.done() for one in asking + more)
    work.gate.set()
    assert await asyncio.gather(*asking, *more) == [n * 2 for n in range(100)]
    assert [len(call) for call in work.calls] == [10, 64, 26]
    assert work.committed == set(range(100))


async def test_one_at_fault_fails_alone() -> None:
    work = Work()
    batches = Batches(work)
    found = await asyncio.gather(*(batches.do(n) for n in (1, -1, 3)), return_exceptions=True)
    assert [type(one) if isinstance(one, Exception) else one for one in found] == [2, NotFound, 6]


async def test_a_store_that_is_away_is_not_asked_again_for_each() -> None:
    work = Work()
    work.away = True
    batches = Batches(work)
    found = await asyncio.gather(*(batches.do(n) for n in range(50)), return_exceptions=True)
    assert {type(one) for one in found} == {StoreUnavailable}
    assert len(work.calls) == 1


async def test_who_is_cancelled_leaves_the_others_their_answers() -> None:
    work = Work()
    work.gate.clear()
    batches = Batches(work)
    asking = [asyncio.ensure_future(batches.do(n)) for n in range(5)]
    await work.begun.wait()
    # The first one does the work for all of them.
    asking[0].cancel()
    asking[3].cancel()
    await asyncio.sleep(0)
    work.gate.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert [one for one in found if isinstance(one, int)] == [2, 4, 8]
    with pytest.raises(asyncio.CancelledError):
        asking[0].result()
    assert work.committed == {1, 2, 4}


async def test_several_of_one_asker_are_answered_in_their_order() -> None:
    work = Work()
    batches = Batches(work)
    first, second = await asyncio.gather(batches.do_all(range(100)), batches.do_all([7, 5]))
    assert first == [number * 2 for number in range(100)]
    assert second == [14, 10]
    assert await batches.do_all([]) == []
    with pytest.raises(NotFound):
        await batches.do_all([1, -1])


async def test_whoever_leaves_and_whenever_the_others_are_answered() -> None:
    choose = random.Random(8)  # noqa: S311 - examples, no secrets
    for _ in range(30):
        work = Work()
        batches = Batches(work)
        asking = [asyncio.ensure_future(batches.do_all([n, n + 1000])) for n in range(100)]
        leaving = choose.sample(asking, 60)
        for one in leaving:
            if choose.random() < 0.3:
                await asyncio.sleep(choose.choice((0, 0, 0.001, 0.021)))
            one.cancel()
        found = await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), 10)
        for n, (asked, answer) in enumerate(zip(asking, found, strict=True)):
            if asked in leaving and isinstance(answer, asyncio.CancelledError):
                continue
            assert answer == [2 * n, 2 * (n + 1000)]
        assert await asyncio.wait_for(batches.do(1), 1) == 2
