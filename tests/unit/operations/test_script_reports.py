"""What a script reports of its devices, line by line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.operations.script.reports import DeviceReports, done_reports
from netstacks_tasks.operations.script.workspace import Workspace

R1, R2, R3 = (
    Device(id=DeviceId(uuid4()), name=name, host="127.0.0.1", platform="frr")
    for name in ("r1", "r2", "r3")
)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path, None)
    made.folder.mkdir()
    made.results.touch()
    return made


def reports(place: Workspace, attempt: int = 1) -> DeviceReports:
    redactor = Redactor()
    redactor.learn(DeviceCredential(username="u", password=SecretStr("canary-password")))
    return DeviceReports(place, [R1, R2, R3], attempt, redactor)


def append(place: Workspace, *lines: object) -> None:
    with place.results.open("a") as file:
        file.writelines(f"{json.dumps(line)}\n" for line in lines)


def test_lines_become_results_as_they_are_written(place: Workspace) -> None:
    found = reports(place)
    assert found.new() == ()
    append(place, {"device": "r1", "ok": True, "summary": "3 peers"})
    (first,) = found.new()
    assert (first.device_id, first.item, first.ok, first.summary) == (
        R1.id, "script", True, "3 peers",
    )  # fmt: skip
    assert (first.stage, first.cause, first.attempt) == (None, None, 1)
    append(place, {"device": str(R2.id), "ok": False, "summary": "no route"})
    (second,) = found.new()
    assert (second.device_name, second.stage, second.cause) == ("r2", "script", "reported")
    assert found.new() == ()
    assert list(found.latest) == [R1.id, R2.id]
    assert found.faults == []


def test_half_a_line_waits_for_its_end_until_nothing_more_comes(place: Workspace) -> None:
    found = reports(place)
    place.results.write_text('{"device": "r1", ')
    assert found.new() == ()
    with place.results.open("a") as file:
        file.write('"ok": true}')
    assert found.new() == ()
    (result,) = found.new(last=True)
    assert (result.ok, result.summary) == (True, "in order")


def test_the_last_line_of_a_device_counts(place: Workspace) -> None:
    append(place, {"device": "r1", "ok": False}, {"device": "r1", "ok": True})
    found = reports(place)
    assert [one.ok for one in found.new()] == [True]
    append(place, {"device": "r1", "ok": False})
    assert [one.summary for one in found.new()] == ["no reason given"]
    assert [one.ok for one in found.latest.values()] == [False]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nonsense", "line 1 of the results: Invalid JSON"),
        ("[]", "line 1 of the results: Input should be an object"),
        ('{"device": "r1"}', "line 1 of the results: ok: Field required"),
        ('{"device": "r1", "ok": "yes"}', "ok: Input should be a valid boolean"),
        ('{"device": "r1", "ok": true, "sumary": ""}', "sumary: Extra inputs are not permitted"),
        ('{"device": "r9", "ok": true}', "no device of the task is called 'r9'"),
        ('{"device": "canary-password", "ok": true}', "is called '<hidden>'"),
        ("x" * 20_000, "line 1 of the results: is longer than 16384 bytes"),
        ("[" * 10_000, "line 1 of the results: Invalid JSON"),
    ],
)
def test_a_line_that_says_nothing_is_told_and_the_next_one_counts(
    place: Workspace, line: str, told: str
) -> None:
    good = json.dumps({"device": "r1", "ok": True})
    place.results.write_text(f"{line}\n\n{good}\n")
    found = reports(place)
    assert [one.device_name for one in found.new()] == ["r1"]
    assert len(found.faults) == 1
    assert told in found.faults[0]


def test_bytes_that_are_no_text_are_told(place: Workspace) -> None:
    place.results.write_bytes(b'{"device": "r1\xff", "ok": true}\n\x00\n')
    found = reports(place)
    assert found.new() == ()
    assert len(found.faults) == 2


def test_of_many_faults_the_first_are_told(place: Workspace) -> None:
    place.results.write_text("x\n" * 500)
    found = reports(place)
    assert found.new() == ()
    assert len(found.faults) == 21
    assert found.faults[-1] == "and more lines like these"


def test_summaries_are_freed_of_secrets_and_cut(place: Workspace) -> None:
    append(
        place,
        {"device": "r1", "ok": True, "summary": "with canary-password"},
        {"device": "r2", "ok": True, "summary": "y" * 5000},
    )
    first, second = reports(place).new()
    assert first.summary == "with <hidden>"
    assert second.summary == "y" * 1000 + "…"


def test_a_file_that_takes_its_place_is_read_from_its_start(place: Workspace) -> None:
    found = reports(place)
    append(place, {"device": "r1", "ok": True, "summary": "a long one"})
    assert len(found.new()) == 1
    other = place.folder / "other"
    other.write_text(json.dumps({"device": "r2", "ok": True}) + "\n")
    other.replace(place.results)
    assert [one.device_name for one in found.new()] == ["r2"]
    place.results.write_text("")
    assert found.new() == ()
    append(place, {"device": "r3", "ok": True})
    assert [one.device_name for one in found.new()] == ["r3"]


@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder"])
def test_what_is_no_plain_file_is_not_read(place: Workspace, tmp_path: Path, kind: str) -> None:
    outside = tmp_path / "outside"
    outside.write_text(json.dumps({"device": "r1", "ok": True}) + "\n")
    place.results.unlink()
    if kind == "link":
        place.results.symlink_to(outside)
    elif kind == "hard link":
        place.results.hardlink_to(outside)
    elif kind == "pipe":
        os.mkfifo(place.results)
    else:
        place.results.mkdir()
    found = reports(place)
    assert found.new() == found.new(last=True) == ()
    assert len(found.faults) == 1
    assert "they are not read" in found.faults[0]


def test_a_file_that_is_gone_says_nothing(place: Workspace) -> None:
    place.results.unlink()
    found = reports(place)
    assert found.new(last=True) == ()
    assert found.faults == []


def test_no_more_than_four_mebibytes_are_read(place: Workspace) -> None:
    line = json.dumps({"device": "r1", "ok": True, "summary": "z" * 900}) + "\n"
    place.results.write_text(line * 6000)
    found = reports(place)
    assert len(found.new()) == 1
    found.new(last=True)
    assert "the rest is not read" in found.faults[0]


def test_what_an_earlier_attempt_got_right_is_done(place: Workspace) -> None:
    append(place, {"device": "r1", "ok": True}, {"device": "r2", "ok": False})
    first = reports(place).new()
    place.results.write_text("")
    append(place, {"device": "r1", "ok": False}, {"device": "r3", "ok": True})
    second = reports(place, attempt=2).new()
    assert [one.device_name for one in done_reports(first)] == ["r1"]
    assert [one.device_name for one in done_reports([*first, *second])] == ["r3"]
