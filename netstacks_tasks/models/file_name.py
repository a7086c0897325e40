"""What the file of a thing is called that a person named."""

from __future__ import annotations

import hashlib
from typing import Final
from urllib.parse import quote

_LONGEST: Final = 180
"""Bytes; a file system takes 255 with the suffix."""


def file_name(name: str) -> str:
    """A file name that nothing of another name has.

    Everything but letters, digits and `._-` is percent-encoded, and so is a
    leading dot; a name too long ends in its hash.
    """
    safe = quote(name, safe="").replace("~", "%7E")
    if safe.startswith("."):
        safe = "%2E" + safe[1:]
    if len(safe) <= _LONGEST:
        return safe
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{safe[: _LONGEST - 17]}~{digest}"
