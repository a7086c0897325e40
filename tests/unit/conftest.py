"""What unit tests must not see of the tests before them."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack that an earlier test started stays in the environment of the process."""
    for name in [name for name in os.environ if name.startswith(("NETSTACKS_", "PREFECT_API_"))]:
        monkeypatch.delenv(name)
