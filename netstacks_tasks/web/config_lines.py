"""A version's lines, as a page can show them."""

from __future__ import annotations

from netstacks_tasks.exchange.config_lines import ConfigLines, lines_of
from netstacks_tasks.store.snapshots import StoredConfig
from netstacks_tasks.web.wording import visible


def visible_lines(stored: StoredConfig, *, secrets: bool) -> ConfigLines:
    """With a sign for each character that could not be seen.

    Args:
        stored: the version.
        secrets: show them.
    """
    lines = lines_of(stored, secrets=secrets)
    return ConfigLines(own=lines.own, shown=[visible(line) for line in lines.shown])
