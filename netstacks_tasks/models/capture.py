"""A configuration that was taken, on its way to being a version."""

from __future__ import annotations

from dataclasses import dataclass, field

from netstacks_tasks.models.inventory import Device


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One configuration of one device, ready to be kept."""

    device: Device
    source: str
    """`running` or `startup`."""
    content: str = field(repr=False)
    """As the device printed it."""
    normalised: str = field(repr=False)
    """Without volatile lines: what two versions are compared by."""

    @property
    def lines(self) -> int:
        """Of the normalised text."""
        return self.normalised.count("\n")
