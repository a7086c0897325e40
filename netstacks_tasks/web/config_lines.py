"""A version's lines, as a page can show them."""

from __future__ import annotations

from typing import Final

from netstacks_tasks.exchange.config_lines import ConfigLines, lines_of
from netstacks_tasks.store.snapshots import StoredConfig
from netstacks_tasks.web.wording import visible

_LONGEST: Final = 5000
"""Characters; a browser has trouble with more in one line."""


def visible_lines(stored: StoredConfig, *, secrets: bool) -> ConfigLines:
    """With a sign for each character that could not be seen.

    Args:
        stored: the version.
        secrets: show them.
    """
    lines = lines_of(stored, secrets=secrets)
    return ConfigLines(own=lines.own, shown=[_shown(line) for line in lines.shown])


def _shown(line: str) -> str:
    more = len(line) - _LONGEST
    return visible(line) if more <= 0 else f"{visible(line[:_LONGEST])}… {more:,} more characters"
