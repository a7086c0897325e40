"""Errors keep what they say when Prefect carries them from one process to another."""

from __future__ import annotations

import pickle

import pytest

from netstacks_tasks.errors import (
    DeviceError,
    DeviceTimeout,
    InvalidInput,
    NetstacksError,
    NotFound,
    RunFailed,
    TemplateFault,
)


@pytest.mark.parametrize(
    "error",
    [
        InvalidInput.single("target", "the task's target holds no device"),
        NotFound("task", "nightly"),
        DeviceError("r1", "connect", "refused", "port 22"),
        DeviceTimeout("r1", "command", "nothing came"),
        TemplateFault("vlans", 3, "'vlan' is undefined"),
        RunFailed("1 of 2 devices failed", ("r1",)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_survives_being_carried(error: NetstacksError) -> None:
    carried = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(carried) is type(error)
    assert str(carried) == str(error)
    assert vars(carried) == vars(error)
