"""What the tests of access share."""

from __future__ import annotations

import pytest

from tests.quick_hashes import make_hashes_quick


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    make_hashes_quick(monkeypatch)
