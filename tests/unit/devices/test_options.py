from __future__ import annotations

import pytest

from netstacks_tasks.devices.options import OPTIONS, option_faults
from netstacks_tasks.devices.platforms import PLATFORMS


def test_every_platform_has_its_options() -> None:
    assert set(OPTIONS) == set(PLATFORMS)


@pytest.mark.parametrize(
    ("platform", "options"),
    [
        ("ios", {"legacy_algorithms": True, "global_delay_factor": 2, "transport": "ssh"}),
        ("eos", {"port": 8443, "enforce_verification": True}),
        ("nxos", {"port": 8443, "ssl_verify": True, "transport": "https"}),
        ("frr", {}),
    ],
)
def test_what_a_driver_needs_is_taken(platform: str, options: dict[str, object]) -> None:
    assert list(option_faults(platform, options)) == []


@pytest.mark.parametrize(
    ("platform", "name", "value", "said"),
    [
        # A command of the file's would run on the worker.
        ("ios", "ssh_config_file", "/tmp/evil", "no option of platform ios; known: fast_cli"),  # noqa: S108
        ("junos", "ssh_config_file", "/tmp/evil", "no option"),  # noqa: S108
        ("junos", "key_file", "/etc/ssh/ssh_host_rsa_key", "no option"),
        ("ios", "session_log", "/etc/cron.d/x", "no option"),
        # pyeapi imports the module that it names.
        ("eos", "transport", "evil.module.Class", "must be 'https'"),
        ("eos", "transport", "http", "must be 'https'"),
        ("ios", "transport", "telnet", "must be 'ssh'"),
        ("nxos", "ssl_verify", "no", "must be true or false"),
        ("eos", "port", True, "a whole number from 1 to 65535"),
        ("eos", "port", 0, "a whole number from 1 to 65535"),
        ("linux", "sock", 1, "known: legacy_algorithms"),
        ("nonsense", "port", 1, "known: none"),
    ],
)
def test_what_could_reach_the_worker_or_an_open_line_is_refused(
    platform: str, name: str, value: object, said: str
) -> None:
    ((named, message),) = option_faults(platform, {name: value})
    assert named == name
    assert said in message
