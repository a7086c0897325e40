"""Reads the configurations of Cisco's command lines, many sessions on one event loop.

The text is that of NAPALM's drivers, whose versions the history holds: lines
that only tell of the asking are emptied, not removed, so that an unchanged
device makes no new version.
"""

from __future__ import annotations

from collections.abc import Callable

from netstacks_tasks.devices.captured import captured
from netstacks_tasks.devices.cisco_asking import ASKING
from netstacks_tasks.devices.cli_terminal import terminal
from netstacks_tasks.devices.options import NO_ENABLE, require_options
from netstacks_tasks.devices.ports import CapturedConfig, HostKeys
from netstacks_tasks.models.inventory import DeviceTarget


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
        asked = ASKING[device.platform]
        return captured(*(asked.emptied(text).strip() for text in (running, startup)))
