"""Reads configurations through NAPALM."""

from __future__ import annotations

import re
from typing import Any, Final

from netstacks_tasks.devices.napalm_session import in_session
from netstacks_tasks.devices.normalise import clean
from netstacks_tasks.devices.ports import CapturedConfig, HostKeys
from netstacks_tasks.models.inventory import DeviceTarget

_NO_STARTUP: Final = re.compile(
    r"\s*(%+ ?)?(startup-config is not present|non-volatile configuration memory (is not present"
    r"|invalid or not present)|no startup configuration|no such file.*)?[.\s]*",
    re.IGNORECASE,
)


class NapalmReader:
    """The configuration reader of every platform that NAPALM has a driver for."""

    def __init__(self, host_keys: HostKeys) -> None:
        self._host_keys = host_keys

    async def read_config(self, target: DeviceTarget, *, timeout: float) -> CapturedConfig:
        return await in_session(
            target, self._host_keys, _captured, timeout=timeout, doing="show its configuration"
        )


def _captured(driver: Any) -> CapturedConfig:  # noqa: ANN401 - NAPALM's is untyped
    found = driver.get_config(retrieve="all")
    startup = clean(str(found.get("startup") or ""))
    return CapturedConfig(
        running=clean(str(found.get("running") or "")),
        startup=None if _NO_STARTUP.fullmatch(startup) else startup,
    )
