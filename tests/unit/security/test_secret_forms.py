"""A known secret is hidden however a program wrote it."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from netstacks_tasks.models.inventory import DeviceCredential
from netstacks_tasks.operations.redaction import HIDDEN, Redactor

SECRET: Final = "S3cret/\"&+ \\'é<"
_WRITTEN: Final[dict[str, Callable[[str], str]]] = {
    "json": lambda text: json.dumps({"password": text}),
    "json as it is": lambda text: json.dumps({"password": text}, ensure_ascii=False),
    "repr": lambda text: repr({"password": text}),
    "repr without quotes in it": lambda text: repr(text + "'\""),
    "url": lambda text: f"postgresql://netops:{quote(text, safe='')}@db/netstacks",
    "path": lambda text: f"https://device/{quote(text)}",
    "form": lambda text: f"password={quote_plus(text)}&x=1",
    "html": lambda text: f"<td>{html.escape(text)}</td>",
    "hex": lambda text: text.encode().hex(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "url-safe base64": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "basic authentication": lambda text: (
        f"Authorization: Basic {base64.b64encode(f'netops:{text}'.encode()).decode()}"
    ),
}


def knowing(secret: str) -> Redactor:
    redactor = Redactor()
    redactor.learn(DeviceCredential(username="netops", password=SecretStr(secret)))
    return redactor


@pytest.mark.parametrize("way", _WRITTEN)
def test_it_is_hidden(way: str) -> None:
    text = _WRITTEN[way](SECRET)
    hidden = knowing(SECRET)(text)
    assert HIDDEN in hidden
    left = hidden.replace(HIDDEN, "")
    assert len(left) < len(text) - len(SECRET) + 3, hidden


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=40))
def test_no_secret_stays_in_json(secret: str) -> None:
    text = json.dumps({"k": secret})
    assert json.dumps(secret)[1:-1] not in knowing(secret)(text).replace(HIDDEN, "\n")


def test_a_secret_of_three_characters_hides_nothing() -> None:
    """Else ordinary words would be blanked; so short a secret protects nothing."""
    assert knowing("ab1")("ab1, YWIx and 616231") == "ab1, YWIx and 616231"
