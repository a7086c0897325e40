"""The short form: everything is broken within a few seconds, once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.chaos.faults import FAULTS, Fault, Pace
from tests.chaos.rounds import play
from tests.chaos.world import World, world

_TASKS = 20
_PACE = Pace(outage=4, flows=2, asked=8)
_STRUCK = ("disk", "devices", "flows", "postgres killed", "sync", "machine", "server")
"""In this order. Restores have a test of their own beside the sync; the clocks of two zones
change meanwhile."""


@pytest_asyncio.fixture
async def small(public_tmp: Path) -> AsyncIterator[World]:
    folder = public_tmp / "chaos"
    folder.mkdir()
    folder.chmod(0o711)
    soon = timedelta(seconds=0)
    async with world(folder, count=_TASKS, spread=4, change_after=soon) as made:
        yield made


async def _everything(made: World, pace: Pace) -> int:
    chosen = {one.name: one for one in FAULTS}
    done = 0
    for name in _STRUCK:
        if not chosen[name].missing(made):
            done += await chosen[name].strike(made, pace)
            await asyncio.sleep(1)
    return done


async def _new_configurations(made: World) -> None:
    await made.site.configure(1)


@pytest.mark.timeout(900)  # where the machine has much else to do
async def test_whatever_breaks_nothing_is_lost_and_nothing_runs_twice_at_once(
    small: World,
) -> None:
    fault = Fault(name="everything", strike=_everything, before=_new_configurations)
    outcome = await play(small, fault, _PACE, on_the_minute=False)
    assert outcome.times >= len(_STRUCK) - (os.geteuid() != 0)
    assert outcome.due >= _PACE.asked
    assert outcome.lost == []
    assert outcome.doubled == 0
    assert outcome.wrong == []
    # What a fault stopped was retried; only a time that passed may have been missed.
    assert set(outcome.states) <= {"completed", "missed"}
