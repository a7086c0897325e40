"""What an import did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Names by section (`devices`, `tasks` ...); an empty section is left out."""

    created: Mapping[str, list[str]] = field(default_factory=dict)
    updated: Mapping[str, list[str]] = field(default_factory=dict)
    unchanged: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated)

    def __str__(self) -> str:
        done = {"created": self.created, "updated": self.updated, "unchanged": self.unchanged}
        parts = [
            f"{', '.join(f'{len(names)} {section}' for section, names in sections.items())} {verb}"
            for verb, sections in done.items()
            if sections
        ]
        return "; ".join(parts) or "nothing to import"
