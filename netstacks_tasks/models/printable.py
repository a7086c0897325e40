"""Text that steers no terminal, whoever wrote it."""

from __future__ import annotations

import logging
from typing import Final

_UNKNOWN: Final = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """The text with a sign for each control character, line ends and tabs aside."""
    return "".join(one if one.isprintable() or one in "\n\t" else _UNKNOWN for one in text)


class PrintableLog(logging.Filter):
    """Makes what is logged printable: messages hold what devices, scripts and people wrote.

    Args:
        indent: before each line of a message but its first, so that none looks like another
            message where a line is one.
    """

    def __init__(self, indent: str = "") -> None:
        super().__init__()
        self._indent = indent

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        plain = printable(message).replace("\n", f"\n{self._indent}")
        if plain != message:
            record.msg, record.args = plain, None
        return True
