"""What becomes of a run whose time passed while nothing could run it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, assert_never

MissedPolicy = Literal["run_latest", "skip", "run_all"]
Verdict = Literal["run", "missed"]

GRACE: Final = timedelta(minutes=2)
"""A run this late is on time: a worker needs a moment to start after a restart."""
LONGEST_WINDOW: Final = timedelta(hours=24)


def window_of(seconds: int | None, interval: timedelta) -> timedelta:
    """How late a run may still be made up for: as told, else one interval up to a day."""
    return timedelta(seconds=seconds) if seconds is not None else min(interval, LONGEST_WINDOW)


def decide(
    *,
    policy: MissedPolicy,
    window: int | None,
    scheduled_for: datetime,
    now: datetime,
    next_after: datetime,
) -> Verdict:
    """Whether a run that begins now still runs.

    Args:
        policy: the task's `missed_runs`.
        window: the task's `missed_window_seconds`.
        scheduled_for: when it could have begun: its time, or, for a run that
            queued behind its predecessor, the end of that one.
        now: the present.
        next_after: the task's next time after `scheduled_for`.
    """
    late = now - scheduled_for
    if policy == "run_all" or late <= GRACE:
        return "run"
    if policy == "skip":
        return "missed"
    if policy == "run_latest":
        is_latest = next_after > now
        soon_enough = late <= window_of(window, next_after - scheduled_for)
        return "run" if is_latest and soon_enough else "missed"
    assert_never(policy)
