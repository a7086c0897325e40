from __future__ import annotations

from uuid import uuid4

import pytest
from napalm.base.exceptions import ConnectionException
from netmiko.exceptions import NetmikoAuthenticationException, ReadTimeout
from paramiko.ssh_exception import IncompatiblePeer, SSHException

from netstacks_tasks.devices.napalm_errors import napalm_error
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device

DEVICE = Device(id=DeviceId(uuid4()), name="core", host="192.0.2.1", platform="ios")


@pytest.mark.parametrize(
    ("cause", "opened", "stage", "word"),
    [
        (ConnectionRefusedError(), False, "connect", "refused"),
        (NetmikoAuthenticationException("secret-password"), False, "authenticate", "auth"),
        (IncompatiblePeer("no acceptable kex algorithm"), False, "key_exchange", "kex"),
        (SSHException("Server 'x' not found in known_hosts"), False, "host_key", "host_key"),
        (ValueError("Failed to enter enable mode"), False, "prompt", "prompt"),
        (ReadTimeout("Pattern not detected"), True, "command", "timed_out"),
        (SSHException("Channel closed"), True, "command", "disconnected"),
        (EOFError(), True, "command", "disconnected"),
        (KeyError("secret-password"), True, "command", "internal"),
    ],
)
def test_the_root_cause_is_told(cause: Exception, opened: bool, stage: str, word: str) -> None:
    wrapped = ConnectionException("Cannot connect to 192.0.2.1")
    wrapped.__cause__ = cause
    error = napalm_error(DEVICE, wrapped, opened=opened)
    assert (error.stage, error.cause) == (stage, word)
    assert "secret-password" not in str(error)
