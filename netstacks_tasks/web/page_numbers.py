"""Numbers of pages, as addresses hold them."""

from __future__ import annotations

from typing import Final

_MOST_DIGITS: Final = 9


def page_number(text: str) -> int:
    """The page that is asked for; what is no number asks for the first."""
    number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return max(int(text), 1) if number else 1
