"""How far a run is, told while devices end side by side."""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID, uuid4

import pytest

from flows import _progress
from flows._progress import RunProgress
from netstacks_tasks.operations.ports import Progress


def at(done: int, total: int = 4) -> Progress:
    return Progress(done=done, total=total, failed=0, device=f"r{done}", results=())


class SlowServer:
    """Answers when it is let; the order of its answers is the order in which it was asked."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.shown: dict[UUID, float] = {}

    async def create(self, *, progress: float, description: str) -> UUID:
        assert description
        await self.may_answer.wait()
        made = uuid4()
        self.shown[made] = progress
        return made

    async def update(self, made: UUID, *, progress: float, description: str) -> None:
        assert description
        self.shown[made] = progress


async def test_the_last_device_is_told_last_however_slow_the_first_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = SlowServer()
    monkeypatch.setattr(_progress, "acreate_progress_artifact", server.create)
    monkeypatch.setattr(_progress, "aupdate_progress_artifact", server.update)
    shown = RunProgress(logging.getLogger("test"))
    async with asyncio.TaskGroup() as devices:
        for done in (1, 2, 3, 4):
            devices.create_task(shown.advanced(at(done)))
            await asyncio.sleep(0)
        server.may_answer.set()
    assert list(server.shown.values()) == [100.0]
