"""A version's lines, as they are compared and as they may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store.snapshots import StoredConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigLines:
    """A configuration without volatile lines."""

    own: Sequence[str] = field(repr=False)
    """As they are; hold secrets."""
    shown: Sequence[str]
    """The same lines, as many."""


def lines_of(stored: StoredConfig, *, secrets: bool) -> ConfigLines:
    """Read a version.

    Args:
        stored: the version.
        secrets: show them.
    """
    text = normalise(stored.platform, stored.content)
    own = text.split("\n")[:-1]
    # Redacted as one text: a private key is recognised by its frame.
    shown = own if secrets else Redactor().lines(text)[: len(own)]
    return ConfigLines(own=own, shown=shown)
