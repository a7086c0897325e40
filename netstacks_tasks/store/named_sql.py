"""SQL kept in files, one statement each, found by name."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import LiteralString


@cache
def statement(package: str, name: str) -> LiteralString:
    """The text of `<name>.sql` in a package; part of the program, hence literal."""
    return (resources.files(package) / f"{name}.sql").read_text(encoding="utf-8")
