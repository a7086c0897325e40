"""What people and programs get to read."""

from __future__ import annotations

import io
import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from netstacks_tasks.cli.output import (
    BROKEN_PIPE,
    one_line,
    print_contents,
    print_fields,
    print_json,
    print_table,
    print_text,
    write,
)
from netstacks_tasks.models.printable import printable

STEERING = "core\x1b]0;owned\x07\x9b31m\u202e-01"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\x9b", "\r", "\x08", "\u202e", "\u2028"])
def test_nothing_that_steers_a_terminal_is_printable(character: str) -> None:
    assert character not in printable(f"a{character}b")
    assert character not in one_line(f"a{character}b")


def test_ordinary_text_stays_as_it_is() -> None:
    assert printable("Zürich 東京 — 1 µs\n\tx") == "Zürich 東京 — 1 µs\n\tx"


def test_one_line_is_one_line() -> None:
    assert one_line("a\n  b\tc") == "a b c"


@given(st.text())
def test_json_survives_any_text_and_steers_nothing(text: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        shown = io.StringIO()
        patched.setattr(sys, "stdout", shown)
        print_json({"name": text})
    assert json.loads(shown.getvalue()) == {"name": text}
    assert all(character.isprintable() or character == "\n" for character in shown.getvalue())


def test_json_times_are_utc(capsys: pytest.CaptureFixture[str]) -> None:
    class Model(BaseModel):
        at: datetime

    @dataclass
    class Row:
        at: datetime
        model: Model

    moment = datetime(2026, 11, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    print_json(Row(at=moment, model=Model(at=moment)))
    expected = "2026-11-01T00:00:00Z"
    assert json.loads(capsys.readouterr().out) == {"at": expected, "model": {"at": expected}}


def test_a_table_in_a_pipe_keeps_every_row_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    key = UUID("0f3a6c1e-6f0e-4a0f-9d6e-6f2b2f0c4a11")
    rows = [(key, "a\nb", None, True), (key, "x" * 500, ("g1", "g2"), False)]
    print_table(("ID", "NAME", "SITE", "ON"), rows, "nothing")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1].split() == [str(key), "a", "b", "-", "yes"]
    assert lines[2].split() == [str(key), "x" * 500, "g1,", "g2", "no"]
    assert lines[0].index("SITE") == lines[1].index("-", 40)


def test_a_table_on_a_terminal_keeps_ids_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "70")
    key = "0f3a6c1e-6f0e-4a0f-9d6e-6f2b2f0c4a11"
    print_table(("ID", "NAME"), [(key, f"{STEERING} [red]{'word ' * 30}")], "nothing")
    shown = terminal.getvalue()
    assert key in shown
    assert "[red]" in shown
    assert "\x1b]" not in shown
    assert "\x9b" not in shown


def test_an_empty_table_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("A",), [], "No tasks. Make one.")
    assert capsys.readouterr().out == "No tasks. Make one.\n"


def test_fields_are_flat_and_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    print_fields({"name": STEERING, "parameters": {"checks": ["ping", "ssh"], "none": None}})
    assert capsys.readouterr().out.splitlines() == [
        "name               core\N{REPLACEMENT CHARACTER}]0;owned" + "\N{REPLACEMENT CHARACTER}" * 2
        + "31m\N{REPLACEMENT CHARACTER}-01",
        "parameters.checks  ping, ssh",
        "parameters.none    -",
    ]  # fmt: skip


def test_who_closes_the_pipe_has_read_enough() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.MonkeyPatch.context() as patched, os.fdopen(writing, "w") as pipe:
        patched.setattr(sys, "stdout", pipe)
        with pytest.raises(typer.Exit) as ended:
            write("x" * 100_000)
        print_text("goes nowhere")
    assert ended.value.exit_code == BROKEN_PIPE


@pytest.mark.parametrize("terminal", [True, False])
def test_what_a_file_holds_steers_no_terminal_and_stays_as_it_is_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    shown = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stdout", shown)
    print_contents(f"#!/bin/bash\n{STEERING}\n")
    if terminal:
        assert all(one.isprintable() or one == "\n" for one in shown.getvalue())
    else:
        assert shown.getvalue() == f"#!/bin/bash\n{STEERING}\n"
