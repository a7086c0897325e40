"""A unified diff of two configurations, as whoever asks may see it."""

from __future__ import annotations

from netstacks_tasks.exchange.config_lines import lines_of
from netstacks_tasks.models.unified_diff import Side, UnifiedDiff
from netstacks_tasks.models.unified_diff import unified as unified_diff
from netstacks_tasks.store.snapshots import StoredConfig, title_of


def unified(before: StoredConfig, after: StoredConfig, *, secrets: bool) -> UnifiedDiff:
    """Compare the lines as they are, and tell those that may be seen.

    A line that is told as removed and added with the same words has another
    secret now.

    Args:
        before: the older version.
        after: the newer one.
        secrets: show them.
    """
    return unified_diff(_side(before, secrets=secrets), _side(after, secrets=secrets))


def _side(stored: StoredConfig, *, secrets: bool) -> Side:
    lines = lines_of(stored, secrets=secrets)
    return Side(title=title_of(stored), lines=lines.own, shown=lines.shown)
