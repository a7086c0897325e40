"""How guessing is slowed down, on a clock of the test's own."""

from __future__ import annotations

import pytest

from netstacks_tasks.access import throttle
from netstacks_tasks.access.throttle import Throttle
from netstacks_tasks.errors import TooManyAttempts


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def failing(times: int, *keys: str) -> tuple[Throttle, Clock]:
    clock = Clock()
    guard = Throttle(clock)
    for _ in range(times):
        guard.check(*keys)
        guard.failed(*keys)
    return guard, clock


def test_the_sixth_attempt_waits_until_the_first_is_old() -> None:
    guard, clock = failing(5, "name:anna", "address:192.0.2.1")
    clock.now += 100
    with pytest.raises(TooManyAttempts) as raised:
        guard.check("name:anna")
    assert raised.value.retry_after == 201
    with pytest.raises(TooManyAttempts):
        guard.check("name:bert", "address:192.0.2.1")
    guard.check("name:bert", "address:192.0.2.2")
    clock.now += 201
    guard.check("name:anna", "address:192.0.2.1")


def test_the_right_password_forgives_the_name() -> None:
    guard, _ = failing(4, "name:anna")
    guard.succeeded("name:anna")
    guard.failed("name:anna")
    guard.check("name:anna")


def test_a_flood_of_names_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_MOST_KEYS", 10)
    guard, _ = failing(5, "address:192.0.2.1")
    for number in range(9):
        guard.failed(f"name:{number}")
    with pytest.raises(TooManyAttempts):
        guard.check("address:192.0.2.1")
    guard.failed("name:one more")
    assert len(guard._failures) == 10
