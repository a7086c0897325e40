"""The checks that a device has to pass after its change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import DeviceTarget
from netstacks_tasks.models.rollout import PostCheck
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.ports import Probes
from netstacks_tasks.operations.probing import LONGEST, probe

_TRIES: Final = 3
_PAUSE_SECONDS: Final = 2.0


async def pass_checks(
    names: Sequence[PostCheck], target: DeviceTarget, probes: Probes, deadline: Deadline
) -> None:
    """Make every check; a device may need a moment after a change.

    Raises:
        DeviceError: stage `verify`, cause `unhealthy`.
    """
    for name in names:
        for left in reversed(range(_TRIES)):
            try:
                await probe(name, target, probes, seconds=deadline.at_most(LONGEST[name]))
                break
            except DeviceError as error:
                if not left or deadline.left < _PAUSE_SECONDS:
                    raise DeviceError(
                        target.device.name,
                        "verify",
                        "unhealthy",
                        f"{name} fails after the change: {error.detail}",
                    ) from error
            await asyncio.sleep(_PAUSE_SECONDS)
