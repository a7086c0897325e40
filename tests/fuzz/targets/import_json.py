"""A file to import, as JSON."""

from __future__ import annotations

from tests.fuzz.inventory import WORDS, imported
from tests.fuzz.target import Target

TARGET = Target(name="import_json", read=lambda data: imported(data, "json"), words=WORDS)
