"""The key of Prefect's blocks is not in the database that holds the blocks."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet

from netstacks_tasks.embedded.prefect_key import key_file, own_encryption_key
from netstacks_tasks.errors import ConfigurationError


def as_prefect_keeps_it(url: str, key: str) -> None:
    """The row that a server writes which is given no key; see Prefect's own model."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS configuration (key text, value json)")
        connection.execute(
            "INSERT INTO configuration VALUES ('ENCRYPTION_KEY', %s), ('other', '1')",
            [json.dumps({"fernet_key": key})],
        )


def rows(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [str(row[0]) for row in connection.execute("SELECT key FROM configuration")]


async def test_it_is_made_once_and_ours_alone(tmp_path: Path, database_url: str) -> None:
    key = await own_encryption_key(tmp_path, database_url)
    Fernet(key.encode())
    assert stat.S_IMODE(key_file(tmp_path).stat().st_mode) == 0o600
    assert await own_encryption_key(tmp_path, database_url) == key


async def test_one_that_is_in_the_database_is_taken_out(tmp_path: Path, database_url: str) -> None:
    before = Fernet.generate_key().decode()
    as_prefect_keeps_it(database_url, before)
    assert await own_encryption_key(tmp_path, database_url) == before
    assert key_file(tmp_path).read_text() == f"{before}\n"
    assert rows(database_url) == ["other"]
    assert await own_encryption_key(tmp_path, database_url) == before


async def test_a_killed_start_loses_none(tmp_path: Path, database_url: str) -> None:
    """The file was written and the row is still there."""
    before = Fernet.generate_key().decode()
    as_prefect_keeps_it(database_url, before)
    key_file(tmp_path).write_text(f"{before}\n")
    assert await own_encryption_key(tmp_path, database_url) == before
    assert rows(database_url) == ["other"]


async def test_of_two_none_is_thrown_away(tmp_path: Path, database_url: str) -> None:
    as_prefect_keeps_it(database_url, Fernet.generate_key().decode())
    other = Fernet.generate_key().decode()
    key_file(tmp_path).write_text(f"{other}\n")
    with pytest.raises(ConfigurationError, match="Move the file away") as refused:
        await own_encryption_key(tmp_path, database_url)
    assert other not in str(refused.value)
    assert rows(database_url) == ["ENCRYPTION_KEY", "other"]
    assert key_file(tmp_path).read_text() == f"{other}\n"
