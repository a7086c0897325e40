"""What people can be told of."""

from __future__ import annotations

from typing import Final, Literal, get_args

AlertKind = Literal["failed", "missed", "zombie", "changed"]
KINDS: Final[tuple[AlertKind, ...]] = get_args(AlertKind)
WHEN: Final[dict[AlertKind, str]] = {
    "failed": "A run failed, was out of time or crashed, and has no attempt left.",
    "missed": "A time passed at which nothing could run a task.",
    "zombie": "The process of a run died, and the sync did what the task's rules say.",
    "changed": "Devices have another configuration, or went up or down, since they were seen last.",
}
