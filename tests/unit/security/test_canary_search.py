"""The search for leaked secrets finds them: in any form, cut, wrapped, anywhere in a place."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import pytest

from tests.integration.security.canaries import Search, canary

_WAYS: Final[dict[str, Callable[[str], str]]] = {
    "as it is": lambda secret: f"the password is {secret}.",
    "in JSON": lambda secret: json.dumps({"password": secret}),
    "in JSON within JSON": lambda secret: json.dumps(json.dumps({"password": secret})),
    "in a URL": lambda secret: f"postgresql://u:{quote(secret, safe='')}@h/d",
    "in a page": lambda secret: f"<p>{html.escape(secret)}</p>",
    "as hexadecimal digits": lambda secret: secret.encode().hex(),
    "in base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "in a header": lambda secret: base64.b64encode(f"user:{secret}".encode()).decode(),
    "in a repr": lambda secret: repr([secret]),
    "cut off": lambda secret: f"{secret[:20]}...",
    "wrapped": lambda secret: f"{secret[:15]}\r\n{secret[15:]}",
    "wrapped in JSON": lambda secret: json.dumps(f"{secret[:7]}\n{secret[7:]}"),
    "letter by letter": "\n".join,
}


@pytest.mark.parametrize("way", _WAYS)
def test_a_secret_is_found(way: str) -> None:
    secret, other = canary(), canary()
    search = Search({secret: "password", other: "key"})
    text = "x" * 100_000 + _WAYS[way](secret) + "y" * 100_000
    found = search.look("a log", [b"nothing here", text.encode()])
    assert {finding.kind for finding in found} == {"password"}
    (row,) = [line for line in search.table().splitlines() if line.startswith("a log")]
    assert row.split()[-1] == "1"


def test_nothing_is_found_where_there_is_nothing() -> None:
    search = Search({canary(): "password"})
    assert search.look("a log", [canary().encode(), b"password" * 50]) == []
    (row,) = search.table().splitlines()[1:]
    assert row.split() == ["a", "log", str(len(canary()) + 400), "0"]
