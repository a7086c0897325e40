"""What a command line answers when it does not do what it was told."""

from __future__ import annotations

import re
from typing import Final

_REFUSAL: Final = re.compile(
    r"\s*(%|(command (rejected|failed)|error|failed|permission denied|not authori[sz]ed)\b).*",
    re.IGNORECASE,
)
_SYNTAX: Final = re.compile(
    r"\s*%+ ?(invalid|unknown|unrecogni[sz]ed|incomplete|ambiguous)\b", re.IGNORECASE
)
# Log messages on the terminal, and remarks on a line that was taken.
_REMARK: Final = re.compile(
    r"\s*(%[A-Z0-9_]+-\d-[A-Z0-9_]+:|% ?(warning|note|info)\b|% access vlan does not exist)",
    re.IGNORECASE,
)
_LONGEST: Final = 200


def refusal(answer: str) -> str:
    """The line of an answer that says that the command was not taken; or empty."""
    for line in answer.splitlines():
        if _REFUSAL.fullmatch(line) and not _REMARK.match(line):
            return " ".join(line.split())[:_LONGEST]
    return ""


def is_syntax(refused: str) -> bool:
    """Whether the device did not understand the command at all."""
    return _SYNTAX.match(refused) is not None
