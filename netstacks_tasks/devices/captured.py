"""What a device printed, as its configurations."""

from __future__ import annotations

import re
from typing import Final

from netstacks_tasks.devices.normalise import clean
from netstacks_tasks.devices.ports import CapturedConfig

_NO_STARTUP: Final = re.compile(
    r"\s*(%+ ?)?(startup-config is not present|non-volatile configuration memory (is not present"
    r"|invalid or not present)|no startup configuration|no such file.*)?[.\s]*",
    re.IGNORECASE,
)


def captured(running: str, startup: str) -> CapturedConfig:
    """Both texts; a device that says that it has no startup configuration has none."""
    startup = clean(startup)
    return CapturedConfig(
        running=clean(running), startup=None if _NO_STARTUP.fullmatch(startup) else startup
    )
