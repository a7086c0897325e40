"""Empties the lines of a configuration that only tell of the asking.

They stand at the head, and a text is long: what follows the last of them is not looked at line by
line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_SPACE: Final = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Asking:
    """The lines of a platform."""

    marks: tuple[str, ...]
    """Every match of the pattern holds one of these."""
    pattern: re.Pattern[str]

    def emptied(self, text: str) -> str:
        """The text without what the pattern matches; the ends of the lines stay."""
        last = max(map(text.rfind, self.marks))
        if last < 0:
            return text
        # White space belongs to a match, and the line after it does not.
        line = text.find("\n", last)
        after = _SPACE.match(text, line) if line >= 0 else None
        end = text.find("\n", after.end()) if after is not None else -1
        if end < 0:
            return self.pattern.sub("", text)
        return self.pattern.sub("", text[:end]) + text[end:]


ASKING: Final = {
    "ios": Asking(
        (
            "Building configuration",
            "Current configuration :",
            "! Last configuration change at",
            "! NVRAM config last updated at",
            "Load for five secs",
            "Time source is ",
        ),
        re.compile(
            r"^(?:Building configuration|Current configuration :|! Last configuration change at"
            r"|! NVRAM config last updated at|Load for five secs|Time source is ).*$",
            re.MULTILINE,
        ),
    ),
    "nxos_ssh": Asking(
        ("!Command: show ", "!Time:", "Startup config saved at:"),
        re.compile(
            r"!Command: show .*$|!Time:.*\d{4}\s*$|Startup config saved at:.*$", re.MULTILINE
        ),
    ),
}
