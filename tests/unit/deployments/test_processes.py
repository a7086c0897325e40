"""What is started there can be started: its commands and its settings exist."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import pytest
import typer.main
from prefect.settings import Settings as PrefectSettings
from prefect.settings.legacy import _get_valid_setting_names
from prefect_redis.cleanup_queue import RedisWorkerCleanupQueueSettings
from prefect_redis.client import RedisMessagingSettings
from pydantic_settings import BaseSettings

from netstacks_tasks.cli.main import app
from netstacks_tasks.embedded import prefect_program
from netstacks_tasks.settings import PREFIX, Settings
from tests.unit.deployments import shipped
from tests.unit.deployments.shipped import FOLDER, Process, processes, variables

_PREFECT_PROGRAM = ["-P", "-m", prefect_program.__name__]
EVERYWHERE = list(processes())
_OTHERS = {"DO_NOT_TRACK"}


def test_every_kind_of_process_is_started_everywhere() -> None:
    for kind in ("compose", "kubernetes", "systemd"):
        words = {tuple(_words(one.argv)[:2]) for one in EVERYWHERE if one.where.startswith(kind)}
        assert {
            ("server", "start"), ("server", "services"), ("server", "database"),
            ("sync", "--watch"), ("worker", "--pool"),
        } <= words  # fmt: skip
        assert "serve" in {word for line in words for word in line}


def _words(argv: Sequence[str]) -> list[str]:
    """Of a command line, what follows the program."""
    rest = list(argv[1:])
    return rest[3:] if rest[:3] == _PREFECT_PROGRAM else rest


@pytest.mark.parametrize("process", EVERYWHERE, ids=lambda one: one.where)
def test_the_command_is_one(process: Process) -> None:
    program = PurePath(process.argv[0]).name
    if program == "netstacks":
        _netstacks(_words(process.argv))
    elif program == "python":
        assert list(process.argv[1:4]) == _PREFECT_PROGRAM
        _prefect(_words(process.argv))
    else:
        assert (FOLDER / "image" / program).is_file()


def _netstacks(words: list[str]) -> None:
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    command.make_context("netstacks", rest).close()


def _prefect(words: list[str]) -> None:
    from prefect.cli._app import _app

    _app.parse_args(words, exit_on_error=False, print_error=False)


def test_a_command_that_is_none_is_found_out() -> None:
    with pytest.raises(Exception, match="No such option"):
        _netstacks(["worker", "--pol", "x"])
    with pytest.raises(Exception, match="no-service"):
        _prefect(["server", "start", "--no-service"])


@pytest.mark.parametrize("process", EVERYWHERE, ids=lambda one: one.where)
def test_the_settings_exist_and_may_have_these_values(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    prefects = _get_valid_setting_names(PrefectSettings) | _redis_names()
    assert process.environment.keys() <= ours | prefects | _OTHERS
    for name, value in process.environment.items():
        if value:
            monkeypatch.setenv(name, value.replace("%S", "/var/lib"))
    Settings()
    PrefectSettings()


def _redis_names() -> set[str]:
    kinds: list[type[BaseSettings]] = [RedisMessagingSettings, RedisWorkerCleanupQueueSettings]
    return {
        f"{kind.model_config['env_prefix']}{field}".upper()
        for kind in kinds
        for field in kind.model_fields
    }


def test_what_servers_have_in_common_names_modules_that_are_installed() -> None:
    named = [one for one in variables(FOLDER / "prefect-server.env").values() if "prefect_" in one]
    assert len(named) == 5
    for name in named:
        importlib.import_module(name)


def test_servers_are_told_of_redis_by_every_name_that_it_goes_by() -> None:
    wanted = {
        "PREFECT_REDIS_MESSAGING_URL",
        "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL",
        "PREFECT_SERVER_DOCKET_URL",
    }
    found = [one for one in EVERYWHERE if {"start"} & set(_words(one.argv)[1:3])]
    assert len(found) == 7
    for process in found:
        assert wanted <= process.environment.keys()
        # Without these a server keeps to itself what all must know.
        shared = variables(FOLDER / "prefect-server.env")
        assert shared.items() <= process.environment.items()


def test_nothing_but_the_sync_and_the_page_is_told_where_the_database_is() -> None:
    for process in EVERYWHERE:
        told = "NETSTACKS_DATABASE_URL" in process.environment
        assert told == (_words(process.argv)[:1] in (["sync"], ["serve"], [])), process.where


def test_no_secret_is_given_a_value() -> None:
    secret = ("PASSWORD", "AUTH", "_URL", "LOGIN")
    for process in EVERYWHERE:
        for name, value in process.environment.items():
            if any(part in name for part in secret) and name not in {
                "PREFECT_API_URL",
                "PREFECT_UI_API_URL",
            }:
                assert value == "", f"{process.where}: {name}"
    assert shipped.UNITS
