"""One try of a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.parallel import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Which attempt this is and how long it has."""

    number: int
    deadline: Deadline
    """When devices have to be finished."""
    settle_by: Deadline
    """When the last result has to be recorded."""
    device_timeout: float = 120.0
    """Seconds for one device, connection included."""
    limits: Limits = field(default_factory=Limits)
