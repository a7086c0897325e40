"""Text that PostgreSQL takes, whatever a device printed."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text with a replacement sign for what PostgreSQL refuses: NUL, lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    try:
        text.encode()
    except UnicodeEncodeError:
        # A surrogate that escaped a decoder is no character.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
