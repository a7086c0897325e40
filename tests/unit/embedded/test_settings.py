from __future__ import annotations

import os
from pathlib import Path

import pytest

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.settings import ROOT_STATE_DIR, default_state_dir, load_settings


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("NETSTACKS_", "PREFECT_API")):
            monkeypatch.delenv(name)


def test_without_variables_everything_is_embedded() -> None:
    settings = load_settings()
    assert settings.database_url is None
    assert settings.prefect_api_url is None
    assert settings.work_pool == "netstacks"
    assert settings.state_dir.is_absolute()


def test_a_variable_that_is_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSTACKS_DATABASE_URL", "")
    assert load_settings().database_url is None


def test_the_password_of_a_url_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSTACKS_DATABASE_URL", "postgresql://me:hidden@db/x")
    settings = load_settings()
    assert "hidden" not in repr(settings)
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://me:hidden@db/x"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("NETSTACKS_DATABASE_URL", "mysql://me:hidden@db/x", "postgresql://user:password"),
        ("NETSTACKS_PREFECT_DATABASE_URL", "sqlite:///hidden", "postgresql://user:password"),
        ("NETSTACKS_PREFECT_API_URL", "localhost:4200", "http://host:port/api"),
        ("NETSTACKS_PREFECT_PORT", "70000", "65535"),
        ("NETSTACKS_POSTGRES_PORT", "five", "integer"),
        ("NETSTACKS_WORKER_LIMIT", "0", "greater than or equal to 1"),
        ("NETSTACKS_WORK_POOL", "a/b", "pattern"),
        ("NETSTACKS_DEVICE_NETWORKS", "10.0.0.0/8;hidden", "192.0.2.0/24 and 2001:db8::/32"),
    ],
)
def test_a_bad_variable_is_named_and_its_value_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidInput) as raised:
        load_settings()
    (problem,) = raised.value.problems
    assert problem.field == variable
    assert said in problem.message
    assert "hidden" not in str(raised.value)


def test_prefects_own_variable_names_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect:4200/api/")
    assert load_settings().prefect_api_url == "http://prefect:4200/api"


def test_the_state_folder_follows_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_state_dir() == ROOT_STATE_DIR
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere/state")
    assert default_state_dir() == Path("/somewhere/state/netstacks")
    monkeypatch.setenv("XDG_STATE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", "/home/someone")
    assert default_state_dir() == Path("/home/someone/.local/state/netstacks")


def test_a_state_folder_may_be_written_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("NETSTACKS_STATE_DIR", "~/my state")
    assert load_settings().state_dir == Path("/home/someone/my state")
