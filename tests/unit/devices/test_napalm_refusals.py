"""What becomes of the errors that NAPALM's drivers raise when a change is refused."""

from __future__ import annotations

from uuid import uuid4

import pytest
from napalm.base.exceptions import (
    CommitConfirmException,
    MergeConfigException,
    SessionLockedException,
)
from napalm.pyIOSXR.exceptions import LockError as XrLockError
from napalm.pyIOSXR.exceptions import XMLCLIError
from pyeapi.eapilib import CommandError  # type: ignore[import-untyped]  # it has no types

from netstacks_tasks.devices.napalm_refusals import refused_change
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device

DEVICE = Device(id=DeviceId(uuid4()), name="leaf-1", host="192.0.2.1", platform="eos")
CANDIDATE = "vlan 730\n   name cameras\n   colour blue\n"


def raised_from(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def eapi(command: str, said: str = "Invalid input (at token 0: 'colour')") -> Exception:
    text = f"CLI command 5 of 6 '{command}' failed: invalid command"
    error = CommandError(1002, text, command_error="", output=[{}, {}, {"errors": [said]}])
    return raised_from(MergeConfigException(text), error)


@pytest.mark.parametrize(
    ("error", "cause", "said"),
    [
        (
            eapi("colour blue"),
            "rejected",
            (
                "line 3 of the rendered configuration, 'colour blue': "
                "Invalid input (at token 0: 'colour')"
            ),
        ),
        (eapi("write memory", "disk full"), "rejected", "'write memory': disk full"),
        (
            SessionLockedException("Session is already in use"),
            "busy",
            "its configuration is in use by another session: Session is already in use",
        ),
        (
            XrLockError("Unable to enter in configure exclusive mode!"),
            "busy",
            (
                "its configuration is in use by another session: "
                "Unable to enter in configure exclusive mode!"
            ),
        ),
        (
            CommitConfirmException("revert_in requires 'archive' feature to be enabled."),
            "rejected",
            "revert_in requires 'archive' feature to be enabled.",
        ),
        (
            XMLCLIError("no such thing\nOriginal call was: <Request>canary</Request>"),
            "rejected",
            "no such thing",
        ),
        (MergeConfigException(""), "rejected", "the device refused it without a word"),
        (
            raised_from(MergeConfigException("Could not transfer"), ConnectionResetError()),
            "disconnected",
            "192.0.2.1 port 443 closed the connection",
        ),
        (KeyError("canary"), "internal", "the driver failed with KeyError"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_the_devices_own_words_are_told(error: Exception, cause: str, said: str) -> None:
    found = refused_change(DEVICE, "apply", error, CANDIDATE)
    assert (found.stage, found.cause, found.detail) == ("apply", cause, said)


def test_what_is_long_is_cut_short() -> None:
    found = refused_change(DEVICE, "compare", eapi("x" * 500, "y" * 500), CANDIDATE)
    assert len(found.detail) < 300
