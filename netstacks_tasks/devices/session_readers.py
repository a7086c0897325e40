"""The readers that hold many sessions on one event loop, by platform."""

from __future__ import annotations

from netstacks_tasks.devices.cisco_reader import CiscoReader
from netstacks_tasks.devices.cli_reader import ShellReader, VtyshReader
from netstacks_tasks.devices.ports import ConfigReader, HostKeys


def session_readers(host_keys: HostKeys) -> dict[str, ConfigReader]:
    """New ones that hold devices to these keys."""
    cisco = CiscoReader(host_keys)
    return {
        "ios": cisco,
        "nxos_ssh": cisco,
        "frr": VtyshReader(host_keys),
        "linux": ShellReader(host_keys),
    }
