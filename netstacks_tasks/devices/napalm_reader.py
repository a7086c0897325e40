"""Reads configurations through NAPALM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netstacks_tasks.devices.captured import captured
from netstacks_tasks.devices.napalm_session import in_session
from netstacks_tasks.devices.ports import CapturedConfig, HostKeys
from netstacks_tasks.models.inventory import DeviceTarget


class NapalmReader:
    """The configuration reader of every platform that NAPALM has a driver for."""

    def __init__(self, host_keys: HostKeys) -> None:
        self._host_keys = host_keys

    async def read_config(
        self,
        target: DeviceTarget,
        *,
        timeout: float,
        accepted: Callable[[], None] | None = None,  # noqa: ARG002 - a driver does not tell
    ) -> CapturedConfig:
        return await in_session(
            target, self._host_keys, _captured, timeout=timeout, doing="show its configuration"
        )


def _captured(driver: Any) -> CapturedConfig:  # noqa: ANN401 - NAPALM's is untyped
    found = driver.get_config(retrieve="all")
    return captured(str(found.get("running") or ""), str(found.get("startup") or ""))
