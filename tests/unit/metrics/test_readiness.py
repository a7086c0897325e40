from __future__ import annotations

import json

from netstacks_tasks.errors import StoreUnavailable
from netstacks_tasks.metrics.readiness import NotReady, Readiness

SECRET = "postgresql://netstacks:hunter2@db.example/netstacks"


async def serves() -> None:
    return None


async def test_all_that_serves_is_said_to() -> None:
    status, told = await Readiness({"database": serves}).answer()
    assert (status, told) == (200, {"ready": True, "parts": {"database": "ok"}})


async def test_what_does_not_serve_is_named_and_nothing_is_given_away() -> None:
    async def refuses() -> None:
        raise StoreUnavailable(f"no connection to {SECRET}")

    async def told_to_anybody() -> None:
        raise NotReady("Prefect does not answer")

    ready = Readiness({"database": refuses, "prefect": told_to_anybody, "schema": serves})
    status, told = await ready.answer()
    assert status == 503
    assert told == {
        "ready": False,
        "parts": {
            "database": "does not serve; the log says why",
            "prefect": "Prefect does not answer",
            "schema": "ok",
        },
    }
    assert "hunter2" not in json.dumps(told)


async def test_many_who_ask_are_one_look() -> None:
    looks = 0

    async def counted() -> None:
        nonlocal looks
        looks += 1

    ready = Readiness({"database": counted})
    for _ in range(5):
        await ready.answer()
    assert looks == 1
