"""Every error is a clear line with its exit code."""

from __future__ import annotations

import json

import pytest

from netstacks_tasks.cli.failures import tell
from netstacks_tasks.embedded.endpoints import NotConnected
from netstacks_tasks.errors import (
    ConfigurationError,
    DeviceError,
    DeviceTimeout,
    InvalidInput,
    NetstacksError,
    NotFound,
    Problem,
    StoreUnavailable,
    SyncError,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInput.single("name", "is taken"), 2),
        (NotFound("task", "x"), 2),
        (StoreUnavailable("down"), 3),
        (NotConnected("nowhere"), 3),
        (DeviceTimeout("r1", "connect", "silent"), 3),
        (DeviceError("r1", "authenticate", "auth", "refused"), 1),
        (ConfigurationError("bad"), 1),
        (SyncError("refused"), 1),
        (NetstacksError("it failed"), 1),
        (KeyError("a bug"), 1),
    ],
)
def test_each_kind_of_error_has_its_exit_code(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tell(error, as_json=False) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("netstacks: ")
    assert len(shown.err.splitlines()) == 1


def test_prefect_that_does_not_answer_is_unreachable() -> None:
    from netstacks_tasks.sync.prefect_errors import PrefectUnavailable

    assert tell(PrefectUnavailable("no answer"), as_json=True) == 3


def test_every_problem_is_one_line_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [
        Problem(field="port", message="must be\nat most 65535", location="a.csv:3"),
        Problem(field="", message="steers \x1b[31mred", location="a.csv:4"),
    ]
    tell(InvalidInput(problems), as_json=False)
    assert capsys.readouterr().err.splitlines() == [
        "netstacks: a.csv:3: port: must be at most 65535",
        "netstacks: a.csv:4: steers \N{REPLACEMENT CHARACTER}[31mred",
    ]


def test_errors_are_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    tell(InvalidInput.single("name", "is taken"), as_json=True)
    assert json.loads(capsys.readouterr().err) == {
        "error": "InvalidInput",
        "exit_code": 2,
        "problems": [{"field": "name", "message": "is taken", "location": ""}],
    }


def test_what_is_not_there_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    tell(NotFound("device group", "core"), as_json=False)
    expected = "netstacks: no device group 'core': `netstacks group list` shows what there is\n"
    assert capsys.readouterr().err == expected


def test_the_text_of_an_unforeseen_error_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    tell(RuntimeError("password=canary"), as_json=False)
    told = capsys.readouterr().err
    assert "canary" not in told
    assert "RuntimeError" in told
    assert "--debug" in told
