"""A line of a run's log, as a value."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from netstacks_tasks.models.inventory import Value


class LogLine(Value):
    """One thing a run said."""

    at: datetime = Field(description="When.")
    level: str = Field(description="How grave it is.", examples=["INFO"])
    message: str = Field(description="What it said; plain text.")
