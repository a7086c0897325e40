"""What an import from another system did, or would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A device of the other system that was not taken."""

    name: str
    place: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignReport:
    """Devices by name."""

    dry_run: bool
    """Whether nothing was written."""
    created: Sequence[str]
    updated: Mapping[str, Sequence[str]]
    """With the fields that changed."""
    unchanged: Sequence[str]
    deleted: Sequence[str]
    gone: Sequence[str]
    """Came from there, are there no more, and were kept."""
    left_out: Sequence[LeftOut]
    new_groups: Sequence[str]
    without_credential: Sequence[str]
    """Taken, but nothing can log in to them yet."""
    notes: Sequence[str]

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated or self.deleted)

    def __str__(self) -> str:
        counts = {
            "created": len(self.created),
            "updated": len(self.updated),
            "unchanged": len(self.unchanged),
            "deleted": len(self.deleted),
            "left out": len(self.left_out),
        }
        done = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        return f"devices: {done or 'none'}"
