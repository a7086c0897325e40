"""How guessing is slowed down, on a clock of the test's own."""

from __future__ import annotations

import pytest

from netstacks_tasks.access import throttle
from netstacks_tasks.access.throttle import Throttle, address_key, name_key
from netstacks_tasks.errors import TooManyAttempts


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def failing(times: int, *keys: str) -> tuple[Throttle, Clock]:
    clock = Clock()
    guard = Throttle(clock)
    for _ in range(times):
        guard.attempt(*keys)
    return guard, clock


def test_the_sixth_attempt_waits_until_the_first_is_old() -> None:
    guard, clock = failing(5, "name:anna", "address:192.0.2.1")
    clock.now += 100
    with pytest.raises(TooManyAttempts) as raised:
        guard.attempt("name:anna")
    assert raised.value.retry_after == 201
    with pytest.raises(TooManyAttempts):
        guard.attempt("name:bert", "address:192.0.2.1")
    guard.attempt("name:bert", "address:192.0.2.2")
    clock.now += 201
    guard.attempt("name:anna", "address:192.0.2.1")


def test_the_right_password_forgives_the_name_and_not_the_address() -> None:
    guard, _ = failing(4, "name:anna", "address:192.0.2.1")
    guard.attempt("name:anna", "address:192.0.2.1")
    guard.succeeded("name:anna", "address:192.0.2.1")
    guard.attempt("name:anna", "address:192.0.2.1")
    with pytest.raises(TooManyAttempts):
        guard.attempt("name:anna", "address:192.0.2.1")
    guard.attempt("name:anna", "address:192.0.2.2")


def test_keys_take_little_room_and_a_network_of_one_machine_is_one() -> None:
    assert len(name_key("x" * 1_000_000)) < 200
    assert address_key("2001:db8::1") == address_key("2001:db8::ffff:1")
    assert address_key("2001:db8::1") != address_key("2001:db8:0:1::1")
    assert address_key("192.0.2.1") != address_key("192.0.2.2")
    assert address_key("::ffff:192.0.2.1") == address_key("192.0.2.1")
    assert address_key(None) != address_key("192.0.2.1")


def test_a_flood_of_names_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_MOST_KEYS", 10)
    guard, _ = failing(5, "address:192.0.2.1")
    for number in range(9):
        guard.attempt(f"name:{number}")
    with pytest.raises(TooManyAttempts):
        guard.attempt("address:192.0.2.1")
    guard.attempt("name:one more")
    assert len(guard._attempts) == 10
