"""What processes use is read while they come and go."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from netstacks_tasks.operations.script.usage import usage_below


def test_a_process_that_ends_while_it_is_read_has_no_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = Path.iterdir
    child = subprocess.Popen(["sleep", "30"])

    def ends_first(path: Path) -> Iterator[Path]:
        if str(child.pid) in str(path):
            child.kill()
            child.wait()
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", ends_first)
    assert child.pid in usage_below(os.getpid()).pids
    assert child.returncode is not None
