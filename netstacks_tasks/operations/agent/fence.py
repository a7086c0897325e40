"""Marks what tools found as data, for a model that must not obey it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Final

_ENCLOSED: Final = re.compile(r"^<<([0-9a-f]+)\n(.*)\n\1>>$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fence:
    """A pair of lines that nobody can foresee, and so nobody can close from within."""

    mark: str = field(default_factory=lambda: secrets.token_hex(8))

    def around(self, call: str, tool: str, data: str) -> str:
        """The message that answers a call.

        Args:
            call: the call's name, which findings cite.
            tool: what was called.
            data: JSON; the mark is taken out of it, for a model may have told it
                to a device.
        """
        inside = data.replace(self.mark, "")
        return f"Result of call {call} ({tool}), as data:\n<<{self.mark}\n{inside}\n{self.mark}>>"


def inside(message: str) -> str:
    """The data in a message that answers a call; empty when there is none."""
    found = _ENCLOSED.search(message)
    return found.group(2) if found else ""
