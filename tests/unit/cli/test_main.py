"""The command line as a whole: help, usage, ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from netstacks_tasks.cli import documents, main, tasks
from netstacks_tasks.cli.main import app, execute

WITHOUT_JSON = {"up", "demo", "worker", "serve", "schema"}
HEAVY = {
    "prefect", "napalm", "pysnmp", "openai", "asyncssh", "sqlalchemy", "fastapi", "psycopg",
    "jinja2", "pydantic", "rich", "asyncio", "uvicorn", "httpx",
}  # fmt: skip
"""Packages that take long to import, or lead to those that do."""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by the words that call it."""
    top: Any = typer.main.get_command(app)
    for name, command in top.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        else:
            yield from ((f"{name} {verb}", one) for verb, one in inner.items())


COMMANDS = dict(commands())


def test_the_commands_of_the_specification_are_there() -> None:
    wanted = {
        "up", "demo", "worker", "sync", "import files", "preview", "schema", "doctor",
        "task create", "task list", "task show", "task update", "task enable", "task disable",
        "task delete", "task run", "task cancel", "task history", "task preview",
        "run show", "run list", "run cancel",
        "snapshot list", "snapshot show", "snapshot diff", "snapshot export",
        "device list", "device show", "device trust", "device forget-key",
        "serve", "user add", "user list", "user role", "user password", "user delete",
        "token create", "token list", "token revoke", "audit",
        "import netbox", "import nautobot", "import nornir", "import ansible", "import oxidized",
        "import rancid", "group list", "credential add", "credential list", "script add",
        "script list",
    }  # fmt: skip
    assert wanted <= set(COMMANDS)


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_every_command_explains_itself(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute([*words.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Example" in shown
    assert f"netstacks {words}" in shown.split("Example", 1)[1]
    assert "\b" not in shown
    assert ("--json" in shown) == (words not in WITHOUT_JSON)
    for parameter in COMMANDS[words].params:
        assert parameter.name == "help" or parameter.help, (words, parameter.name)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--help", "2  wrong input or usage; nothing was written"),
        ("task list --help", "netstacks task list --type backup --status failed"),
        ("sync --help", "netstacks sync --full --json"),
        ("--version", "netstacks "),
    ],
)
def test_help_imports_nothing_heavy(words: str, said: str) -> None:
    code = (
        f"import sys\nsys.argv = ['netstacks', *{words.split()!r}]\n"
        "from netstacks_tasks.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"heavy = {HEAVY!r} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert said in done.stdout


def test_usage_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["task", "list", "--type", "nope"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert "'--type': 'nope' is not one of 'deployment'" in told[0]
    assert told[0].endswith("see `netstacks task list --help`")


def test_usage_is_json_when_json_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["run", "show", "nothing", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["exit_code"] == 2


def test_a_command_without_words_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["task"]) == 2
    assert "Usage: netstacks task" in capsys.readouterr().err


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("x")

    levels: list[str] = []
    monkeypatch.setattr(documents, "print_json", broken)
    monkeypatch.setattr(main, "log_to_stderr", levels.append)
    assert execute(["schema"]) == 1
    with pytest.raises(KeyError):
        execute(["--debug", "schema"])
    assert levels == ["DEBUG"]


def test_ctrl_c_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tasks, "run", interrupted)
    assert execute(["task", "list"]) == 130
    assert capsys.readouterr().err == ""


def test_nobody_to_ask_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["task", "delete", "x"]) == 2
    assert capsys.readouterr().err.startswith("netstacks: --yes: needed")


@pytest.mark.parametrize(
    ("assignments", "changes"),
    [
        (["max_retries=5"], {"max_retries": 5}),
        (["timezone=Europe/Berlin"], {"timezone": "Europe/Berlin"}),
        (["cron_expression=0 2 * * *"], {"cron_expression": "0 2 * * *"}),
        (['name="12"'], {"name": "12"}),
        (["name=a=b"], {"name": "a=b"}),
        (["enabled=false", "enabled=true"], {"enabled": True}),
        (["missed_window_seconds=null"], {"missed_window_seconds": None}),
        (['parameters.checks=["ping"]'], {"parameters.checks": ["ping"]}),
        (["name=" + "[" * 100_000], {"name": "[" * 100_000}),
    ],
)
def test_set_takes_json_or_text(assignments: list[str], changes: dict[str, object]) -> None:
    assert tasks._changes(None, assignments) == changes


def test_schema_is_that_of_a_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["schema"]) == 0
    assert "cron_expression" in json.loads(capsys.readouterr().out)["properties"]
