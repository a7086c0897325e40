"""A file to import, as YAML."""

from __future__ import annotations

from tests.fuzz.inventory import WORDS, imported
from tests.fuzz.target import Target

TARGET = Target(name="import_yaml", read=lambda data: imported(data, "yaml"), words=WORDS)
