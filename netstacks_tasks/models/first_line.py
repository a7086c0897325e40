"""The first line of a script, where it names the program that is to run it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_PROGRAM: Final = re.compile(
    r"\ufeff?#![ \t]*(?:\S*/env[ \t]+(?:-\S+[ \t]+)*)?(?:\S*/)?(?P<program>[^\s/]+)"
)
_RUNS: Final[Mapping[str, tuple[str, ...]]] = {"python": ("python",), "bash": ("bash", "sh")}
_LONGEST_ECHO: Final = 60


def contradicts(text: str, interpreter: str) -> str:
    """Why a script cannot be meant for its interpreter; empty when it can.

    The interpreter runs it in any case: Bash would find nothing but faults in
    Python, and the other way round.
    """
    named = _PROGRAM.match(text)
    if named is None or named["program"].startswith(_RUNS[interpreter]):
        return ""
    return (
        f"is {interpreter!r} and the script begins with {named[0][:_LONGEST_ECHO]!r}: change one "
        f"of them; {' and '.join(_RUNS)} are what runs here"
    )
