"""What a sync tells while it works and when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a sync is."""

    done: int
    """Tasks looked at."""
    total: int
    """Grows when tasks are edited meanwhile."""
    checking: bool = False
    """Reading back what is there, before anything is written."""


OnProgress = Callable[[Progress], None]


@dataclass(slots=True, kw_only=True)
class SyncReport:
    """What one sync did, by the tasks' names; deployments deleted by `flow/name`."""

    created: list[str] = field(default_factory=list)
    updated: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Task -> the fields that differed."""
    deleted: list[str] = field(default_factory=list)
    unchanged: int = 0
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated or self.deleted)
