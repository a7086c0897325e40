"""The login of our own Prefect server, and who is given it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from netstacks_tasks.embedded.environment import prefect_environment
from netstacks_tasks.embedded.prefect_context import pointed_at
from netstacks_tasks.embedded.prefect_login import AUTH_STRING, login_file, own_auth_string
from netstacks_tasks.embedded.prefect_server import PrefectServer


def folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def test_it_is_made_once_and_every_stack_has_its_own(tmp_path: Path) -> None:
    one, other = folder(tmp_path, "one"), folder(tmp_path, "other")
    made = own_auth_string(one)
    user, password = made.split(":")
    assert user == "netstacks"
    assert len(password) >= 32
    assert own_auth_string(one) == made
    assert own_auth_string(other) != made
    assert stat.S_IMODE(login_file(one).stat().st_mode) == 0o600
    assert [path.name for path in one.iterdir()] == [login_file(one).name]


@pytest.mark.parametrize("left", [b"", b"\n", b"\xff\xfe"])
def test_a_file_without_one_gets_one(tmp_path: Path, left: bytes) -> None:
    login_file(tmp_path).write_bytes(left)
    login_file(tmp_path).chmod(0o644)
    made = own_auth_string(tmp_path)
    assert login_file(tmp_path).read_text() == f"{made}\n"
    assert stat.S_IMODE(login_file(tmp_path).stat().st_mode) == 0o600


def test_inside_a_stack_its_login_counts_and_afterwards_the_users_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AUTH_STRING, "user:of-another-server")
    with pointed_at("http://127.0.0.1:9/api", home=tmp_path, auth_string="netstacks:canary"):
        assert prefect_environment(tmp_path, {})[AUTH_STRING] == "netstacks:canary"
    assert os.environ[AUTH_STRING] == "user:of-another-server"
    with pointed_at("http://127.0.0.1:9/api", home=tmp_path):
        assert prefect_environment(tmp_path, {})[AUTH_STRING] == "user:of-another-server"
    monkeypatch.delenv(AUTH_STRING)
    with pointed_at("http://127.0.0.1:9/api", home=tmp_path, auth_string="netstacks:canary"):
        assert os.environ[AUTH_STRING] == "netstacks:canary"
    assert AUTH_STRING not in os.environ


def test_the_server_is_told_by_its_environment_alone(tmp_path: Path) -> None:
    server = PrefectServer(
        tmp_path,
        database_url="postgresql://u:p@h/d",
        auth_string="netstacks:canary",
        port=0,
        log=tmp_path / "log",
    )
    program = server._program()
    assert program.env["PREFECT_SERVER_API_AUTH_STRING"] == "netstacks:canary"
    assert "canary" not in " ".join(program.argv)
    assert "canary" not in f"{program!r}{server!r}"
