from __future__ import annotations

import base64
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.errors import ConfigurationError, InvalidInput
from netstacks_tasks.store.config_keys import add_key, read_keys, sealing_of
from netstacks_tasks.store.sealing import UNSEALED, Sealing

OLD, NEW = bytes(32), bytes(range(32))


def test_a_new_key_goes_in_front_and_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    assert add_key(file) == 1
    (first,) = read_keys(file)
    assert add_key(file) == 2
    assert read_keys(file)[1] == first
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "holds no key"),
        ("# only words\n", "holds no key"),
        ("c2hvcnQ=\n", "line 1"),
        (f"\n{base64.b64encode(OLD).decode()}\nnot base64!\n", "line 3"),
        ("é\n", "no text"),
    ],
)
def test_what_is_no_key_is_named_and_not_shown(tmp_path: Path, text: str, wrong: str) -> None:
    file = tmp_path / "keys"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=wrong) as caught:
        read_keys(file)
    assert "NETSTACKS_CONFIG_KEY_FILE" in str(caught.value)
    assert "not base64" not in str(caught.value)
    with pytest.raises(ConfigurationError):
        add_key(file)
    assert file.read_text(encoding="utf-8") == text


def test_a_file_that_is_missing_or_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read_keys(tmp_path / "none")
    with pytest.raises(InvalidInput, match="cannot write"):
        add_key(tmp_path / "no/folder")
    assert sealing_of(None) is UNSEALED


@given(text=st.text())
def test_what_was_sealed_is_opened_by_its_key_alone(text: str) -> None:
    version, other = uuid4(), uuid4()
    sealed = Sealing([OLD]).seal(text, version)
    assert sealed is not None
    assert Sealing([NEW, OLD]).open(sealed, version) == text
    with pytest.raises(ConfigurationError, match="NETSTACKS_CONFIG_KEY_FILE"):
        Sealing([NEW]).open(sealed, version)
    with pytest.raises(ConfigurationError, match="was changed"):
        Sealing([OLD]).open(sealed, other)
    with pytest.raises(ConfigurationError):
        Sealing([OLD]).open(sealed[:-1] + bytes([sealed[-1] ^ 1]), version)
    with pytest.raises(ConfigurationError):
        UNSEALED.open(sealed[:3], version)


def test_hashes_of_other_keys_and_of_none_are_known() -> None:
    now = Sealing([NEW, OLD])
    assert now.digests("text") == (
        Sealing([NEW]).digest("text"),
        Sealing([OLD]).digest("text"),
        UNSEALED.digest("text"),
    )
    assert len(set(now.digests("text"))) == 3
    assert "0000" not in repr(now)
    assert UNSEALED.seal("text", uuid4()) is None
