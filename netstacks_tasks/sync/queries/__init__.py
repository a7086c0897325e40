"""The sync's own SQL, one statement per file."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import LiteralString, cast


@cache
def query(name: str) -> LiteralString:
    """The text of `<name>.sql`, a file of this package."""
    text = (resources.files(__name__) / f"{name}.sql").read_text(encoding="utf-8")
    return cast("LiteralString", text)
