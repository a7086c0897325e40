"""What the tests of access share."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from netstacks_tasks.access import passwords


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hashes with less work: a second of a small machine's for each otherwise."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", quick)
    monkeypatch.setattr(passwords, "_NOBODY", quick.hash("nobody's"))
