"""Versions of configurations as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from netstacks_tasks.models.inventory import Value
from netstacks_tasks.store.snapshots import Snapshot


class SnapshotAnswer(Value):
    """A version of a configuration, without its text."""

    id: UUID = Field(description="For ever the same.")
    device_id: UUID | None = Field(description="Null when the device is gone.")
    device_name: str = Field(description="As it was called then.")
    platform: str = Field(description="What the device ran then.")
    task_id: UUID | None = Field(description="Of the backup; null when the task is gone.")
    run_id: UUID | None = Field(description="Of the backup; null when the run is gone.")
    destination: str = Field(description="Where the backup keeps its versions.")
    source: Literal["running", "startup"] = Field(description="Which configuration it is.")
    sha256: str = Field(description="Of the text without volatile lines.")
    line_count: int = Field(description="Of the text without volatile lines.")
    captured_at: datetime = Field(description="When the device gave it, in UTC.")

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """A version as it is kept."""
        return cls.model_validate({name: getattr(snapshot, name) for name in cls.model_fields})


class SnapshotPage(Value):
    """Versions that match, the newest first, a page of them."""

    items: tuple[SnapshotAnswer, ...] = Field(description="In this order.")
    limit: int = Field(description="How many a page has at most.")
    next_before: UUID | None = Field(
        description="`before` of the next page; null: this is the last one."
    )


class DiffAnswer(Value):
    """What changed from one version to another."""

    before: SnapshotAnswer
    after: SnapshotAnswer
    added: int = Field(description="How many lines.")
    removed: int = Field(description="How many lines.")
    diff: str = Field(description="A unified diff; empty: nothing changed.")
