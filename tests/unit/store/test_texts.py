from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.store.texts import storable

EVERYTHING = st.text(st.characters(exclude_categories=[]))


@given(EVERYTHING)
def test_postgresql_takes_it(text: str) -> None:
    stored = storable(text)
    assert "\x00" not in stored
    assert stored.encode().decode() == stored


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_what_is_storable_stays_as_it_is(text: str) -> None:
    assert storable(text) == text


def test_what_is_not_is_replaced() -> None:
    assert storable("a\x00b\ud800c") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
