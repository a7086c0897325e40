"""What a retry need not do again."""

from __future__ import annotations

from collections.abc import Iterable

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.result import DeviceResult

LAST_ITEM = "running"
"""A backup records this item last: where it is, the device is done."""


def newest_results(earlier: Iterable[DeviceResult]) -> tuple[DeviceResult, ...]:
    """The result of the newest attempt for each device and item."""
    newest: dict[tuple[DeviceId, str], DeviceResult] = {}
    for result in earlier:
        key = (result.device_id, result.item)
        if key not in newest or newest[key].attempt < result.attempt:
            newest[key] = result
    return tuple(newest.values())


def done_backups(earlier: Iterable[DeviceResult]) -> tuple[DeviceResult, ...]:
    """The results of devices that an earlier attempt backed up as a whole."""
    newest = newest_results(earlier)
    failed = {result.device_id for result in newest if not result.ok}
    done = {result.device_id for result in newest if result.item == LAST_ITEM} - failed
    return tuple(result for result in newest if result.device_id in done)


def done_checks(earlier: Iterable[DeviceResult]) -> tuple[DeviceResult, ...]:
    """The checks that an earlier attempt found in order."""
    return tuple(result for result in newest_results(earlier) if result.ok)
