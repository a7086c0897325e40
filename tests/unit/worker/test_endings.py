"""How a process ended, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from netstacks_tasks.worker.endings import OutOfMemoryKills, describe
from netstacks_tasks.worker.warm_processes import Ended


@pytest.mark.parametrize(
    ("status", "starved", "said"),
    [
        (3, False, "exit code 3"),
        (3, True, "exit code 3"),
        (-9, False, "SIGKILL"),
        (-9, True, "out of memory"),
        (-11, True, "SIGSEGV"),
        (-62, False, "signal 62"),
        (None, True, "nobody saw how"),
    ],
)
def test_the_words(status: int | None, starved: bool, said: str) -> None:
    ended = Ended(status=status, cpu_seconds=1.26, memory_kib=300 * 1024)
    words = describe(ended, starved=starved)
    assert said in words
    if status is not None:
        assert "1.3 s of CPU and 300 MiB" in words


def test_the_kernels_kills_are_read_in_both_of_its_forms(tmp_path: Path) -> None:
    newer, older = tmp_path / "memory.events", tmp_path / "memory.oom_control"
    newer.write_text("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n")
    older.write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 4\n")
    missing = tmp_path / "nothing"
    assert OutOfMemoryKills((newer, missing)).count() == 2
    assert OutOfMemoryKills((older, newer)).count() == 4
    assert OutOfMemoryKills((missing, older)).count() == 4
    assert OutOfMemoryKills((missing,)).count() == 0


def test_this_machine_says_how_many_it_killed() -> None:
    machine = Path("/proc/vmstat")
    if not machine.exists():
        pytest.skip("needs Linux")
    assert any(line.startswith("oom_kill ") for line in machine.read_text().splitlines())
    assert OutOfMemoryKills((machine,)).count() >= OutOfMemoryKills().count()
