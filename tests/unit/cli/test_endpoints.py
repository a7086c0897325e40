"""Which servers a command talks to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from netstacks_tasks.embedded.connection import Connection, StackLock, announce
from netstacks_tasks.embedded.endpoints import NotConnected, endpoints, made_home
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.settings import Settings

OURS = "postgresql://netstacks:canary@127.0.0.1:55432/netstacks"
OTHER = "postgresql://u:canary@db/netstacks"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Path]:
    """The state folder of a stack that runs."""
    lock = StackLock(tmp_path)
    lock.take()
    announce(
        tmp_path,
        Connection(
            database_url=OURS,
            prefect_api_url="http://127.0.0.1:4200/api",
            prefect_auth_string="netstacks:canary",
            work_pool="lab",
            pid=1,
        ),
    )
    yield tmp_path
    lock.release()


def settings(folder: Path, **more: str) -> Settings:
    return Settings.model_validate({"state_dir": folder, **more})


def test_the_stack_that_runs_is_found_with_its_work_pool(running: Path) -> None:
    reach = endpoints(settings(running))
    assert (reach.database_url, reach.work_pool) == (OURS, "lab")
    assert reach.api_url == "http://127.0.0.1:4200/api"
    assert reach.prefect_auth_string == "netstacks:canary"
    assert "canary" not in repr(reach)


def test_another_database_does_not_go_with_the_prefect_of_the_stack(running: Path) -> None:
    reach = endpoints(settings(running, database_url=OTHER))
    assert (reach.database_url, reach.work_pool) == (OTHER, "netstacks")
    assert reach.prefect_auth_string is None
    with pytest.raises(NotConnected, match="PREFECT_API_URL"):
        _ = reach.api_url


def test_the_same_database_does(running: Path) -> None:
    assert endpoints(settings(running, database_url=OURS)).prefect_api_url is not None


def test_what_is_named_comes_first(running: Path) -> None:
    reach = endpoints(settings(running, prefect_api_url="http://prefect/api"))
    assert (reach.api_url, reach.work_pool) == ("http://prefect/api", "netstacks")
    assert reach.prefect_auth_string is None, "another server's login is in the environment"


def test_the_stack_that_is_named_is_the_stack_that_runs(running: Path) -> None:
    reach = endpoints(settings(running, prefect_api_url="http://127.0.0.1:4200/api"))
    assert (reach.prefect_auth_string, reach.work_pool) == ("netstacks:canary", "lab")


def test_a_stack_of_an_earlier_version_has_no_login(running: Path) -> None:
    file = running / "connection.json"
    document = json.loads(file.read_text())
    del document["prefect_auth_string"]
    file.write_text(json.dumps(document))
    reach = endpoints(settings(running))
    assert (reach.database_url, reach.prefect_auth_string) == (OURS, None)


def test_without_a_stack_or_a_setting_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotConnected, match="netstacks up"):
        endpoints(settings(tmp_path))


def test_a_stack_that_was_killed_is_none(tmp_path: Path, running: Path) -> None:
    left = tmp_path / "left"
    left.mkdir()
    for file in running.iterdir():
        if file.is_file():
            (left / file.name).write_bytes(file.read_bytes())
    with pytest.raises(NotConnected):
        endpoints(settings(left))


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="NETSTACKS_STATE_DIR"):
        made_home(tmp_path / "file" / "prefect")
