"""Files with names that nobody would give them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netstacks_tasks.operations.script.artifacts import keep_artifacts
from netstacks_tasks.operations.script.workspace import Workspace


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    left = Workspace(outer=tmp_path, uid=None)
    left.artifacts.mkdir(parents=True)
    return left


def test_a_name_that_cannot_be_kept_is_no_reason_to_keep_no_other(
    place: Workspace, tmp_path: Path
) -> None:
    for name in (b"\xff" * 250, b"a\xfe", b"report.txt"):
        (place.artifacts / os.fsdecode(name)).write_text("kept")
    folder = place.artifacts / os.fsdecode(b"a\xff")
    folder.mkdir()
    (folder / "inside").write_text("kept")
    done = keep_artifacts(place, tmp_path / "kept", lambda text: text)
    assert done.fault == ""
    unknown = "\N{REPLACEMENT CHARACTER}"
    assert [one.path for one in done.kept] == [f"a{unknown}", "report.txt"]
    assert sorted(line.rpartition(": ")[2] for line in done.left_out) == [
        "File exists",
        "File name too long",
    ]


def test_a_folder_that_cannot_be_written_is_told_as_such(place: Workspace, tmp_path: Path) -> None:
    (place.artifacts / "report.txt").write_text("kept")
    done = keep_artifacts(place, Path("/proc/nowhere"), lambda text: text)
    assert done.kept == []
    assert "could not be kept in /proc/nowhere" in done.fault
