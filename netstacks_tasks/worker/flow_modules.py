"""The modules of the installed flows: imported for what they import, then forgotten."""

from __future__ import annotations

import sys

from netstacks_tasks.sync import catalogue


def installed() -> list[str]:
    """The modules that hold the flows of the task types."""
    entries = catalogue.load().values()
    return sorted({entry.entrypoint.rpartition(".")[0] for entry in entries})


def forget() -> None:
    """Have them imported anew by each run: they read its environment when they are."""
    packages = {name.partition(".")[0] for name in installed()}
    for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
        del sys.modules[name]
