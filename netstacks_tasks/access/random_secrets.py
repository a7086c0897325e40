"""Secrets that we make, and the digests that are kept of them."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

TOKEN_PREFIX: Final = "nst_"  # noqa: S105 - so that scanners of leaked secrets can tell one
_BYTES: Final = 32


def new_secret() -> str:
    """256 random bits, as text."""
    return secrets.token_urlsafe(_BYTES)


def new_token() -> str:
    """A token of the API."""
    return TOKEN_PREFIX + new_secret()


def digest(secret: str) -> bytes:
    """What is kept of a random secret; nothing slower is needed for 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()
