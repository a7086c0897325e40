from __future__ import annotations

import os
from pathlib import Path

import pytest

from netstacks_tasks.embedded.environment import prefect_environment, tunables
from netstacks_tasks.embedded.prefect_server import asyncpg_url
from netstacks_tasks.errors import ConfigurationError


def test_programs_get_no_setting_or_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSTACKS_DATABASE_URL", "postgresql://me:hidden@db/x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    monkeypatch.setenv("PREFECT_PROFILE", "mine")
    environment = prefect_environment(Path("/state/prefect"), {"PREFECT_API_URL": "http://x/api"})
    assert "hidden" not in environment.values()
    assert "PREFECT_PROFILE" not in environment
    assert environment["PREFECT_HOME"] == "/state/prefect"
    assert environment["PREFECT_API_URL"] == "http://x/api"
    assert environment["PATH"] == os.environ["PATH"]


def test_flow_runs_get_the_tunables_and_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSTACKS_MAX_SESSIONS", "7")
    monkeypatch.setenv("NETSTACKS_DATABASE_URL", "postgresql://me:hidden@db/x")
    found = tunables()
    assert found["NETSTACKS_MAX_SESSIONS"] == "7"
    assert "NETSTACKS_DATABASE_URL" not in found


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql://u:p%40@h:5/d", "postgresql+asyncpg://u:p%40@h:5/d"),
        ("postgres://u@h/d?sslmode=require", "postgresql+asyncpg://u@h/d?ssl=require"),
    ],
)
def test_a_libpq_url_becomes_asyncpgs(given: str, expected: str) -> None:
    assert asyncpg_url(given) == expected


def test_what_asyncpg_does_not_know_is_named_without_the_password() -> None:
    with pytest.raises(ConfigurationError, match="target_session_attrs") as raised:
        asyncpg_url("postgresql://u:hidden@h/d?target_session_attrs=any")
    assert "hidden" not in str(raised.value)
