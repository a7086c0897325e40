"""Machines that lack what a script needs: the reason names it and the fix."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from uuid import uuid4

import pytest

from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.operations.script import isolation, workspace
from netstacks_tasks.operations.script.isolation import Isolation, interpreter_for


def test_a_missing_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(ConfigurationError, match="no bash that a script's user may start: install"):
        interpreter_for("bash", Isolation(uid=None, bubblewrap=None))


def test_a_python_that_others_may_not_start_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "python"
    own.symlink_to(sys.executable)
    tmp_path.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(own))
    assert interpreter_for("python", Isolation(uid=None, bubblewrap=None)) == str(own)
    assert interpreter_for("python", Isolation(uid=61184, bubblewrap=None)) != str(own)


def test_without_bubblewrap_the_run_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    isolation._working_bubblewrap.cache_clear()
    try:
        found = isolation.isolation_for(uuid4())
    finally:
        isolation._working_bubblewrap.cache_clear()
    assert "no bubblewrap here: it sees the machine's files" in str(found)
    assert ("unprivileged user" if os.geteuid() == 0 else "the worker's own user") in str(found)


def test_no_room_for_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    full = tmp_path / "file"
    full.touch()
    monkeypatch.setattr(tempfile, "tempdir", str(full))
    with (
        pytest.raises(ConfigurationError, match="Not a directory; free space there, or set TMPDIR"),
        workspace.workspace(None),
    ):
        pass


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root's scripts are another user's")
def test_a_folder_that_its_user_cannot_enter_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with workspace.workspace(61184) as made:
        assert tmp_path not in made.outer.parents
    assert not made.outer.exists()
    with workspace.workspace(None) as made:
        assert made.outer.parent == tmp_path
    assert list(tmp_path.iterdir()) == []
