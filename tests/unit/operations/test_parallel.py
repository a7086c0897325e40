"""No site, no credential and no kind of driver gets more devices at once than its limit."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from netstacks_tasks.models.ids import CredentialId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.operations import parallel
from netstacks_tasks.operations.parallel import Crew, Limits, credential_slot, line_up
from netstacks_tasks.testing import device


def account(one: Device) -> str:
    return str(one.credential_id or "")


DEVICES = [
    device(f"d{n:02}", "eos" if n % 5 == 0 else "linux").model_copy(
        update={
            "site": (None, "paris", "oslo")[n % 3],
            "credential_id": CredentialId(UUID(int=n % 2 + 1)),
        }
    )
    for n in range(60)
]
LIMITS = Limits(sessions=20, threaded=2, per_site=4, per_credential=7)


async def run(work: Callable[[Device], None], limits: Limits = LIMITS) -> list[Device]:
    """The devices in the order that they were begun."""
    order: list[Device] = []

    async def one(worked: Device) -> None:
        order.append(worked)
        work(worked)
        await asyncio.sleep(0.002)
        work(worked)

    queue = line_up(
        DEVICES, limits, account=account, threaded=lambda found: found.platform == "eos"
    )
    await Crew(queue, one).run()
    return order


async def test_every_limit_holds_and_is_used() -> None:
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()
    at_work: set[str] = set()

    def count(one: Device) -> None:
        step = -1 if one.name in at_work else 1
        at_work.symmetric_difference_update({one.name})
        for key in ("all", one.platform, f"site {one.site}", account(one)):
            now[key] += step
            most[key] = max(most[key], now[key])

    assert len(await run(count)) == len(DEVICES)
    assert most["all"] <= LIMITS.sessions
    assert most["eos"] == LIMITS.threaded
    assert most["site paris"] == most["site oslo"] == LIMITS.per_site
    assert most[str(UUID(int=1))] == most[str(UUID(int=2))] == LIMITS.per_credential
    # No site is no site's business.
    assert most["site None"] > LIMITS.per_site


async def test_without_a_limit_in_the_way_the_order_is_kept() -> None:
    free = Limits(sessions=3, threaded=60, per_site=60, per_credential=60)
    assert await run(lambda _: None, free) == DEVICES


async def test_a_failure_of_the_work_itself_stops_everything() -> None:
    def fail(one: Device) -> None:
        if one.name == "d03":
            raise RuntimeError("a bug")

    before = gc.get_threshold()
    with pytest.raises(ExceptionGroup) as caught:
        await run(fail)
    assert [str(error) for error in caught.value.exceptions] == ["a bug"]
    assert gc.get_threshold() == before


async def test_garbage_is_collected_seldom_meanwhile() -> None:
    before = gc.get_threshold()
    seen: set[tuple[int, int, int]] = set()
    await run(lambda _: seen.add(gc.get_threshold()))
    assert len(seen) == 1
    assert seen.pop() > before == gc.get_threshold()


async def test_places_that_are_added_are_taken_at_once() -> None:
    begun: list[str] = []
    gate = asyncio.Event()

    async def one(worked: Device) -> None:
        begun.append(worked.name)
        await gate.wait()

    probes = {account(found): 1 for found in DEVICES}
    queue = line_up(DEVICES, LIMITS, account=account, threaded=lambda _: False, probes=probes)
    crew = Crew(queue, one)
    running = asyncio.ensure_future(crew.run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert begun == ["d00", "d01"]
    crew.widen(credential_slot(account(DEVICES[0])), 3)
    await asyncio.sleep(0)
    assert begun == ["d00", "d01", "d02", "d04", "d06"]
    gate.set()
    await running
    assert len(begun) == len(DEVICES)


def test_a_limit_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Limits(per_site=0)


async def test_what_is_left_to_do_holds_no_place_and_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parallel, "_MOST_LEFT", 5)
    begun: list[Device] = []
    done: list[Device] = []
    go_on = asyncio.Event()

    async def one(worked: Device) -> Callable[[], Awaitable[None]]:
        begun.append(worked)

        async def rest() -> None:
            await go_on.wait()
            done.append(worked)

        return rest

    limits = Limits(sessions=1, threaded=1, per_site=1, per_credential=1)
    queue = line_up(DEVICES, limits, account=account, threaded=lambda _: False)
    working = asyncio.create_task(Crew(queue, one).run())
    for _ in range(200):
        await asyncio.sleep(0)
    assert (len(begun), done) == (5, [])
    go_on.set()
    await working
    assert sorted(one.name for one in done) == sorted(one.name for one in DEVICES)
