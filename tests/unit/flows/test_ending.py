"""A run whose process is told to end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from prefect.utilities import engine

from flows import _ending


@pytest.fixture(autouse=True)
def _as_in_a_flow_run() -> Iterator[None]:
    with engine.capture_sigterm():
        yield
        assert engine.is_prefect_sigterm_handler_installed()


async def test_it_is_cancelled_once() -> None:
    """Whatever it was doing: here it awaits another task, in whose step the signal comes."""
    steps = []

    async def work() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
            steps.append("goes on")
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            signal.raise_signal(signal.SIGTERM)
            await asyncio.sleep(0.01)
            steps.append("cleans up")
            raise

    async def run() -> None:
        with _ending.in_order():
            await asyncio.ensure_future(work())

    with pytest.raises(asyncio.CancelledError):
        await asyncio.ensure_future(run())
    assert steps == ["goes on", "cleans up"]


async def test_who_is_done_is_not_cancelled_any_more() -> None:
    with _ending.in_order():
        signal.raise_signal(signal.SIGTERM)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_a_cancellation_by_others_stays_one() -> None:
    async def work() -> None:
        with _ending.in_order():
            await asyncio.sleep(60)

    working = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_prefect_can_tell_it_meanwhile_that_it_was_cancelled() -> None:
    with _ending.in_order():
        assert engine.can_ack_control_intent()
        assert engine.is_prefect_sigterm_handler_installed()


@contextmanager
def _handled_by(handler: object) -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, handler)  # type: ignore[arg-type]
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


async def test_the_handler_of_a_larger_program_stays() -> None:
    heard = []
    with _handled_by(lambda *_: heard.append("theirs")), _ending.in_order():
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0)
    assert heard == ["theirs"]


async def test_in_a_thread_nothing_is_changed() -> None:
    async def in_thread() -> None:
        with _ending.in_order():
            await asyncio.sleep(0)

    await asyncio.to_thread(asyncio.run, in_thread())
