"""What an application of the retention policy removed, or would remove."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["runs", "logs", "versions"]

OF_DELETED_TASKS: Final = "(deleted tasks)"


@dataclass(slots=True)
class Removed:
    """Of one task."""

    runs: int = 0
    """With their results, and all that Prefect had of them."""
    logs: int = 0
    """Runs that stay, and of which Prefect keeps nothing more."""
    versions: int = 0
    """Of configurations, by the task that captured them."""


@dataclass(slots=True, kw_only=True)
class RetentionReport:
    """All of it."""

    tasks: defaultdict[str, Removed] = field(default_factory=lambda: defaultdict(Removed))
    strays: int = 0
    """Flow runs in Prefect that the history has never known, or has forgotten."""
    audit: int = 0
    """Entries of the audit log."""

    def add(self, kind: Kind, task: str, count: int) -> None:
        if count:
            removed = self.tasks[task]
            setattr(removed, kind, getattr(removed, kind) + count)

    def totals(self) -> dict[str, int]:
        """By kind, of all tasks; kinds of which nothing went are not there."""
        counts = {
            "runs": sum(one.runs for one in self.tasks.values()),
            "logs": sum(one.logs for one in self.tasks.values()),
            "versions": sum(one.versions for one in self.tasks.values()),
            "strays": self.strays,
            "audit": self.audit,
        }
        return {kind: count for kind, count in counts.items() if count}
