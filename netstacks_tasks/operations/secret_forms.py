"""How programs write a secret without meaning to hide it: in JSON, URLs, headers and pages."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus


def written_forms(secret: str) -> frozenset[str]:
    """The secret, and what becomes of it in JSON, a repr, a URL, a page, base64 and hexadecimal."""
    raw = secret.encode(errors="surrogatepass")
    return frozenset(
        {
            secret,
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
            repr(secret)[1:-1],
            quote(raw, safe=""),
            quote(raw),
            quote_plus(raw),
            html.escape(secret),
            raw.hex(),
            *_base64(raw),
        }
    )


def login_forms(username: str, password: str) -> frozenset[str]:
    """What a header of HTTP's basic authentication holds."""
    return frozenset(_base64(f"{username}:{password}".encode(errors="surrogatepass")))


def _base64(raw: bytes) -> Iterator[str]:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        # Some leave its padding out.
        yield encode(raw).decode().rstrip("=")
