"""What changed between two configurations of a device, for people."""

from __future__ import annotations

import difflib

from netstacks_tasks.devices import config_tree
from netstacks_tasks.devices.normalise import normalise

_BRACES = frozenset({"junos"})


def difference(platform: str, before: str, after: str) -> str:
    """The changed lines under the sections they belong to; empty when none changed.

    A platform that nests by braces gets a unified diff.
    """
    if platform not in _BRACES:
        return config_tree.diff(
            config_tree.parse(before, platform), config_tree.parse(after, platform)
        )
    lines = difflib.unified_diff(
        normalise(platform, before).splitlines(),
        normalise(platform, after).splitlines(),
        "before",
        "after",
        lineterm="",
    )
    return "".join(f"{line}\n" for line in lines)
