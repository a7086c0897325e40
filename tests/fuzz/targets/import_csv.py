"""A file to import, as CSV."""

from __future__ import annotations

from tests.fuzz.inventory import WORDS, imported
from tests.fuzz.target import Target

TARGET = Target(name="import_csv", read=lambda data: imported(data, "csv"), words=WORDS)
