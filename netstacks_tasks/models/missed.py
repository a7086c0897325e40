"""What becomes of times that passed while nothing could run the task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

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
    """Whether a run that begins now still does its work.

    A run that queued behind the one before it was not missed, however late it is:
    for it the caller gives the end of that run, when nothing but a worker was
    wanting any more.

    Args:
        policy: the task's `missed_runs`.
        window: the task's `missed_window_seconds`.
        scheduled_for: when the run could have begun: its time, or the end of the
            run of the same task that held it up.
        now: the present.
        next_after: the task's next time after `scheduled_for`.
    """
    if now - scheduled_for <= GRACE:
        return "run"
    if policy == "run_latest" and next_after <= now:
        # A later time has come; that one is the latest.
        return "missed"
    chosen = made_up(
        policy=policy, window=window, missed=[scheduled_for], now=now, next_after=next_after
    )
    return "run" if chosen else "missed"


def made_up(
    *,
    policy: MissedPolicy,
    window: int | None,
    missed: Sequence[datetime],
    now: datetime,
    next_after: datetime,
) -> list[datetime]:
    """Which of the missed times run after all.

    Args:
        policy: the task's `missed_runs`.
        window: the task's `missed_window_seconds`.
        missed: in order.
        now: the present.
        next_after: the task's next time after the last one missed.
    """
    if policy == "run_all":
        return list(missed)
    if policy == "skip" or not missed:
        return []
    latest = missed[-1]
    soon_enough = now - latest <= window_of(window, next_after - latest)
    return [latest] if soon_enough else []
