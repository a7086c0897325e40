"""The sync's own SQL, one statement per file."""

from __future__ import annotations

from typing import LiteralString

from netstacks_tasks.store.named_sql import statement


def query(name: str) -> LiteralString:
    """The text of `<name>.sql`, a file of this package."""
    return statement(__name__, name)
