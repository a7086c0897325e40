"""An announced run is looked for until it is found, and not for ever."""

from __future__ import annotations

from uuid import uuid4

from netstacks_tasks.worker.announced import Announced


def test_one_that_was_found_is_looked_for_no_more() -> None:
    announced = Announced()
    run_id = uuid4()
    announced.add(run_id)
    assert announced.pause is not None
    announced.found([run_id])
    assert announced.pause is None


def test_the_looks_get_rarer_and_end() -> None:
    announced = Announced()
    announced.add(uuid4())
    pauses = []
    while (pause := announced.pause) is not None:
        pauses.append(pause)
        announced.found([])
    assert pauses == sorted(set(pauses))
    assert 3 <= len(pauses) <= 10


def test_a_new_one_is_looked_for_soon_whatever_waits_already() -> None:
    announced = Announced()
    announced.add(uuid4())
    first = announced.pause
    announced.found([])
    announced.found([])
    announced.add(uuid4())
    assert announced.pause == first
