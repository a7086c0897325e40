"""The ways in which a script may be kept apart from its machine."""

from __future__ import annotations

from uuid import uuid4

import pytest

from netstacks_tasks.operations.script.isolation import Isolation, isolation_for


@pytest.fixture(params=["strongest", "no bubblewrap"])
def isolation(request: pytest.FixtureRequest) -> Isolation:
    """What this machine offers, and what is left of it without bubblewrap."""
    found = isolation_for(uuid4())
    if request.param == "strongest":
        if found.bubblewrap is None:
            pytest.skip("no bubblewrap works on this machine")
        return found
    return Isolation(uid=found.uid, bubblewrap=None)
