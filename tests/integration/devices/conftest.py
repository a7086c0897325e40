"""What the tests of changes over netmiko share."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def hasty_netmiko(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make netmiko wait less long for more to come: it takes two seconds at a time."""
    from netmiko.base_connection import BaseConnection

    patient = BaseConnection.read_channel_timing

    def reading(self: BaseConnection, **options: Any) -> str:  # noqa: ANN401 - netmiko's own
        return patient(self, **{**options, "last_read": 0.2})

    monkeypatch.setattr(BaseConnection, "read_channel_timing", reading)
