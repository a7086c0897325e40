"""What is recorded of a device, and what that tells the next attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from netstacks_tasks.models.ids import SnapshotId
from netstacks_tasks.models.result import DeviceResult

BASELINE: Final = "baseline"
"""The item under which the configuration before the change is recorded."""
CONFIG: Final = "config"
"""The item under which the change itself is recorded, last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What earlier attempts of the run left of a device that is not done."""

    baseline: SnapshotId | None = None
    """The configuration from before the first of them touched it."""
    unsaved: bool = False
    """The change is in force and was not saved for the next boot."""

    @classmethod
    def of(cls, results: Sequence[DeviceResult]) -> Self:
        """From the newest results of the device."""
        found = {result.item: result for result in results}
        baseline, config = found.get(BASELINE), found.get(CONFIG)
        if baseline is None:
            return cls()
        if config is None or config.attempt < baseline.attempt:
            # It was cut off in the middle of the change.
            return cls(baseline=baseline.snapshot_id)
        if config.stage == "roll_back":
            return cls(baseline=baseline.snapshot_id)
        # It is back to what it was, or the change is in force: what comes next
        # starts from there.
        return cls(unsaved=config.stage == "save")
