"""Reads the configurations of Cisco's command lines, many sessions on one event loop.

The text is that of NAPALM's drivers, whose versions the history holds: lines
that only tell of the asking are emptied, not removed, so that an unchanged
device makes no new version.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from netstacks_tasks.devices.captured import captured
from netstacks_tasks.devices.cli_terminal import terminal
from netstacks_tasks.devices.options import NO_ENABLE, require_options
from netstacks_tasks.devices.ports import CapturedConfig, HostKeys
from netstacks_tasks.models.inventory import DeviceTarget

_EMPTIED: Final = {
    "ios": re.compile(
        r"^(?:Building configuration|Current configuration :|! Last configuration change at"
        r"|! NVRAM config last updated at|Load for five secs|Time source is ).*$",
        re.MULTILINE,
    ),
    "nxos_ssh": re.compile(
        r"!Command: show .*$|!Time:.*\d{4}\s*$|Startup config saved at:.*$", re.MULTILINE
    ),
}


class CiscoReader:
    """The configuration reader of `ios` and `nxos_ssh`."""

    def __init__(self, host_keys: HostKeys) -> None:
        self._host_keys = host_keys

    async def read_config(
        self,
        target: DeviceTarget,
        *,
        timeout: float,
        accepted: Callable[[], None] | None = None,
    ) -> CapturedConfig:
        device = target.device
        require_options(device)
        async with terminal(
            target,
            self._host_keys,
            enable=not device.options.get(NO_ENABLE),
            timeout=timeout,
        ) as opened:
            if accepted is not None:
                accepted()
            startup = await opened.show("show startup-config")
            running = await opened.show("show running-config")
        emptied = _EMPTIED[device.platform]
        return captured(*(emptied.sub("", text).strip() for text in (running, startup)))
