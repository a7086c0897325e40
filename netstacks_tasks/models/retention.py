"""How long what tasks leave behind is kept: by age and by count.

Something goes only when it is beyond both. A count of 1 leaves the age alone to decide,
0 days the count alone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from netstacks_tasks.models.inventory import Value

FOREVER: Final = "forever"
BEGINNING: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Nothing is older."""
YOUNGEST: Final = timedelta(hours=1)
"""What is younger stays whatever is said: who made it may still be writing."""
_MOST_DAYS: Final = 36_500
_MOST_KEPT: Final = 1_000_000


def _days(given: Any) -> Any:  # noqa: ANN401 - whatever was given
    text = given.strip().lower() if isinstance(given, str) else given
    if text == FOREVER:
        return FOREVER
    if isinstance(text, str) and text.isascii() and text.isdigit():
        text = int(text[:9])
    if isinstance(text, bool) or not isinstance(text, int) or not 0 <= text <= _MOST_DAYS:
        raise ValueError(f"write a number of days from 0 to {_MOST_DAYS}, or forever")
    return text


Days = Annotated[int | Literal["forever"], BeforeValidator(_days)]
Kept = Annotated[int, Field(ge=1, le=_MOST_KEPT)]


class RetentionPolicy(Value):
    """What is kept of a task."""

    run_days: Days
    """Runs that ended so recently stay, with their results; missed times count as runs."""
    runs_kept: Kept
    """So many of the newest runs of a task stay, however old."""
    log_days: Days
    """What Prefect has of a run, its log and reports, stays so long after its end."""
    version_days: Days
    """A version of a configuration stays so long after another one took its place."""
    versions_kept: Kept
    """So many of the newest versions stay: of each device, destination and source."""

    def changed_by(self, override: RetentionOverride | None) -> RetentionPolicy:
        """With what a task has of its own."""
        own = {} if override is None else override.model_dump(exclude_none=True)
        return self.model_copy(update=own)


class RetentionOverride(Value):
    """What of it a task has of its own; None: as the settings say."""

    run_days: Days | None = None
    runs_kept: Kept | None = None
    log_days: Days | None = None
    version_days: Days | None = None
    versions_kept: Kept | None = None


FIELDS: Final = tuple(RetentionPolicy.model_fields)


def older_than(days: int | Literal["forever"], now: datetime) -> datetime:
    """What ended before this is old enough to go."""
    if days == FOREVER:
        return BEGINNING
    return now - max(timedelta(days=days), YOUNGEST)
