"""The next item is the one that a plain look along the whole line would find."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.operations.admission import Queue, Slot, Taken

Item = tuple[int, str, str]
SITES, CREDENTIALS = "ABC", "xy"

ITEMS = st.lists(st.tuples(st.sampled_from(SITES), st.sampled_from(CREDENTIALS)), max_size=30)
LIMITS = st.dictionaries(st.sampled_from(SITES + CREDENTIALS), st.integers(1, 4))
# A number: the item out at that place (wrapped around) comes back. None: a slot is widened.
STEPS = st.lists(st.one_of(st.integers(0, 9), st.none()), max_size=60)


def slots(item: Item) -> tuple[str, str]:
    return item[1:]


@dataclass
class PlainQueue:
    """What `Queue` must do, done slowly."""

    waiting: list[Item]
    limits: dict[Slot, int]
    most: int
    out: Counter[Slot] = field(default_factory=Counter)
    count: int = 0

    def take(self) -> Item | None:
        if self.count >= self.most:
            return None
        for item in self.waiting:
            if all(self.out[s] < self.limits.get(s, 10**9) for s in slots(item)):
                self.waiting.remove(item)
                self.out.update(slots(item))
                self.count += 1
                return item
        return None

    def give_back(self, item: Item) -> None:
        self.out.subtract(slots(item))
        self.count -= 1


@given(kinds=ITEMS, limits=LIMITS, most=st.integers(1, 8), steps=STEPS)
def test_who_goes_is_the_first_whom_every_limit_admits(
    kinds: list[tuple[str, str]], limits: dict[Slot, int], most: int, steps: list[int | None]
) -> None:
    items = [(number, site, credential) for number, (site, credential) in enumerate(kinds)]
    plain = PlainQueue(list(items), dict(limits), most)
    queue: Queue[Item] = Queue(items, slots, limits, most)
    out: list[Taken[Item]] = []

    def fill() -> None:
        while True:
            taken = queue.take()
            assert (None if taken is None else taken.item) == plain.take()
            if taken is None:
                return
            out.append(taken)

    fill()
    for step in steps:
        if step is None and limits:
            slot = min(limits, key=str)
            plain.limits[slot] += 2
            queue.widen(slot, 2)
        elif step is not None and out:
            taken = out.pop(step % len(out))
            queue.give_back(taken)
            plain.give_back(taken.item)
        fill()
    # Whatever came before, everybody gets a turn.
    while out:
        taken = out.pop()
        queue.give_back(taken)
        plain.give_back(taken.item)
        fill()
    assert plain.waiting == []


def test_a_full_site_holds_up_nobody_else() -> None:
    items = [(n, "A", "x") for n in range(1000)] + [(1000, "B", "x")]
    queue: Queue[Item] = Queue(items, slots, {"A": 2}, 10)
    assert [taken.item[0] for _ in range(3) if (taken := queue.take())] == [0, 1, 1000]
    assert queue.take() is None
