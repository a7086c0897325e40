"""Password hashes that cost nothing; else each is half a second of a small machine's."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from netstacks_tasks.access import passwords


def make_hashes_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hashes with less work, until the test ends."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", quick)
    monkeypatch.setattr(passwords, "_NOBODY", quick.hash("nobody's"))
